/** The screens that exist; the rail, the bottom bar and the palette show just these. */
export const SCREENS = [
  { to: '/b/$business', name: 'Home', key: 'h' },
  { to: '/b/$business/cash', name: 'Cash', key: 'c' },
  { to: '/b/$business/money-in', name: 'Money in', key: 'i' },
  { to: '/b/$business/money-out', name: 'Money out', key: 'o' },
  { to: '/b/$business/transactions', name: 'Transactions', key: 't' },
  { to: '/b/$business/changes', name: 'Changes', key: 'n' },
  { to: '/b/$business/imports', name: 'Imports', key: 'm' },
] as const;
