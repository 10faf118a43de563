/** What is said of the completeness of accounts beside the figures that are made of them. */
import type { StandingsQuery } from '@/shared/graphql/generated';
import { formatCount } from '@/shared/number/format';
import { formatDay } from '@/shared/time/moment';

export type Standing = NonNullable<StandingsQuery['business']>['standings'][number];

const count = (number: number, one: string, many: string): string => `${formatCount(number)} ${number === 1 ? one : many}`;

/** Why an account is not complete, in the order in which it matters. */
export function troubleOf({ differsFrom, gaps, refused, isComing }: Standing): string | undefined {
  if (differsFrom) return `differs from ${formatDay(differsFrom)} on`;
  if (gaps > 0) return `lacks days in ${count(gaps, 'place', 'places')}`;
  if (refused > 0) return `lacks ${count(refused, 'refused line', 'refused lines')}`;
  return isComing ? 'is still being read' : undefined;
}

export interface Said {
  /** Of all of which somebody says to which day they reach. */
  text: string;
  /** Those of which something is missing. */
  lacking: { standing: Standing; trouble: string }[];
}

/** `undefined`: nobody says anything. */
export function sayCompleteness(standings: readonly Standing[]): Said | undefined {
  const told = standings.filter((one) => one.completeTo !== null || one.differsFrom !== null || one.isComing);
  const whole = told.filter((one) => one.isComplete);
  const lacking = told.flatMap((standing) => {
    const trouble = troubleOf(standing);
    return trouble ? [{ standing, trouble }] : [];
  });
  if (told.length === 0) return undefined;
  const days = whole.flatMap((one) => one.completeTo ?? []).sort();
  const [first, last] = [days[0], days.at(-1)];
  const number = `${whole.length} of ${count(told.length, 'account', 'accounts')} complete`;
  // An account of a file reaches to its last line: that of one that rests may be years old.
  const newest = last && last !== first ? `, the newest to ${formatDay(last)}` : '';
  return { text: first ? `${number} to ${formatDay(first)}${newest}` : number, lacking };
}
