import { useRouterState } from '@tanstack/react-router';
import { may, type Right } from '@/shared/view/roles';
import { useView } from '@/shared/view/view';

export interface Screen {
  to: ScreenPath;
  name: string;
  key: string;
  /** Only who may do this is offered it. */
  needs?: Right;
  /** It shows no figures, so the period and the state of knowledge have nothing to say on it. */
  timeless?: true;
}

type ScreenPath = `/b/$business${'' | '/cash' | '/money-in' | '/money-out' | '/transactions' | '/recurring' | '/owed' | '/matches' | '/rules' | '/changes' | '/sources' | '/imports' | '/reports' | '/audit' | '/team' | '/settings'}`;

const SCREENS: readonly Screen[] = [
  { to: '/b/$business', name: 'Home', key: 'h' },
  { to: '/b/$business/cash', name: 'Cash', key: 'c' },
  { to: '/b/$business/money-in', name: 'Money in', key: 'i' },
  { to: '/b/$business/money-out', name: 'Money out', key: 'o' },
  { to: '/b/$business/transactions', name: 'Transactions', key: 't' },
  { to: '/b/$business/recurring', name: 'Recurring', key: 'b', timeless: true },
  { to: '/b/$business/owed', name: 'Owed', key: 'w', timeless: true },
  { to: '/b/$business/matches', name: 'Matches', key: 'x', timeless: true },
  { to: '/b/$business/rules', name: 'Rules', key: 'l', timeless: true },
  { to: '/b/$business/changes', name: 'Changes', key: 'n' },
  { to: '/b/$business/sources', name: 'Sources', key: 'u', timeless: true },
  { to: '/b/$business/imports', name: 'Imports', key: 'm' },
  { to: '/b/$business/reports', name: 'Reports', key: 'r', timeless: true },
  { to: '/b/$business/audit', name: 'Audit history', key: 'a', needs: 'audit', timeless: true },
  { to: '/b/$business/team', name: 'Team', key: 'e', timeless: true },
  { to: '/b/$business/settings', name: 'Settings', key: 's', timeless: true },
];

/** The screens that exist for this person; the rail, the bottom bar and the palette show just these. */
export function useScreens(): readonly Screen[] {
  const { business } = useView();
  return SCREENS.filter((screen) => !screen.needs || may(business.viewerRole, screen.needs));
}

export function useCurrentScreen(): Screen | undefined {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const room = path.split('/')[3] ?? '';
  return SCREENS.find((screen) => (screen.to.split('/')[3] ?? '') === room);
}
