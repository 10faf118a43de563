/** What the palette can do, as plain data: made from the view, filtered by what is typed. */
import type { Metric } from '@/shared/graphql/generated';
import { isDay } from '@/shared/time/days';
import { formatDay } from '@/shared/time/moment';
import { isPeriodToken, periodChoices, periodLabel, resolvePeriod } from '@/shared/time/period';
import { BASE, currencyChoices } from '@/shared/view/resolve';
import type { View } from '@/shared/view/view';
import { categoryName, METRIC_NAMES } from '@/shared/view/words';

export type Action =
  | { do: 'go'; to: string }
  | { do: 'period'; token: string }
  | { do: 'known'; token: string | undefined }
  | { do: 'compare'; before: boolean }
  | { do: 'open'; metric: Metric; category?: string }
  | { do: 'business'; id: string }
  | { do: 'colours'; scheme: 'auto' | 'light' | 'dark' }
  | { do: 'currency'; code: string }
  | { do: 'keys' }
  | { do: 'sign-out' };

export interface Command {
  id: string;
  label: string;
  note: string;
  action: Action;
}

export interface CommandInput {
  view: View;
  screens: readonly { to: string; name: string }[];
  businesses: readonly { id: string; name: string }[];
  categories: readonly string[];
}

const OPENABLE: Metric[] = ['REVENUE', 'EXPENSES', 'PROFIT', 'PROFIT_MARGIN', 'BALANCE', 'RUNWAY', 'BURN_RATE', 'CASH_NET', 'MONEY_IN', 'MONEY_OUT', 'AVERAGE_SALE', 'COUNT'];

export function allCommands({ view, screens, businesses, categories }: CommandInput): Command[] {
  const command = (label: string, note: string, action: Action): Command => ({ id: `${note}:${label}`, label, note, action });
  return [
    ...screens.map((screen) => command(screen.name, 'Screen', { do: 'go', to: screen.to })),
    ...periodChoices(view.business).map(({ label, token }) => command(label, 'Period', { do: 'period', token })),
    ...OPENABLE.map((metric) => command(METRIC_NAMES[metric], 'Figure', { do: 'open', metric })),
    ...categories.map((category) => command(categoryName(category), 'Category', { do: 'open', metric: 'NET', category })),
    ...currencyChoices(view).map((code) =>
      command(code === BASE ? `All money in ${view.business.baseCurrency}` : `Figures in ${code}`, 'Currency', { do: 'currency', code }),
    ),
    ...businesses.filter((one) => one.id !== view.business.id).map((one) => command(one.name, 'Business', { do: 'business', id: one.id })),
    ...(view.asOf ? [command('Back to now', 'As known', { do: 'known', token: undefined })] : []),
    command(view.compare === 'PREVIOUS_PERIOD' ? 'Compare with a year before' : 'Compare with the period before', 'Comparison', {
      do: 'compare',
      before: view.compare !== 'PREVIOUS_PERIOD',
    }),
    command('Light colours', 'Action', { do: 'colours', scheme: 'light' }),
    command('Dark colours', 'Action', { do: 'colours', scheme: 'dark' }),
    command('System colours', 'Action', { do: 'colours', scheme: 'auto' }),
    command('Show the keys', 'Action', { do: 'keys' }),
    command('New business', 'Action', { do: 'go', to: '/new' }),
    command('Your account', 'Action', { do: 'go', to: '/account' }),
    command('Sign out', 'Action', { do: 'sign-out' }),
  ];
}

/** A typed date, month, year or position is a command of its own. */
export function typedCommands(text: string, view: View): Command[] {
  const typed = text.trim();
  const found: Command[] = [];
  if (isDay(typed)) {
    found.push({ id: 'known-day', label: `As known at the end of ${formatDay(typed)}`, note: 'As known', action: { do: 'known', token: typed } });
    found.push({ id: 'period-day', label: formatDay(typed), note: 'Period', action: { do: 'period', token: `${typed}..${typed}` } });
  } else if (isPeriodToken(typed)) {
    found.push({ id: 'period', label: periodLabel(resolvePeriod(typed, view.business), ''), note: 'Period', action: { do: 'period', token: typed } });
  }
  const position = /^p?(\d[\d,. ]*)$/.exec(typed)?.[1]?.replace(/\D/g, '');
  if (position && !isDay(typed)) {
    found.push({ id: 'position', label: `As known at position ${position}`, note: 'As known', action: { do: 'known', token: `p${position}` } });
  }
  return found;
}

/** All words must occur; labels that begin with the text come first. */
export function filterCommands(commands: readonly Command[], text: string): Command[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return commands.slice(0, 40);
  const words = wanted.split(/\s+/);
  const rank = (command: Command): number => (command.label.toLowerCase().startsWith(wanted) ? 0 : 1);
  return commands
    .filter((command) => words.every((word) => `${command.label} ${command.note}`.toLowerCase().includes(word)))
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, 60);
}
