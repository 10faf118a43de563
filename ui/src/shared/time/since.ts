/** What changes are measured from, as a choice that stays true when the page is opened another day. */
import type { AsOf } from '@/shared/graphql/generated';
import { formatCount } from '@/shared/number/format';
import { addDays, type Day } from './days';
import { formatDay, formatMoment } from './moment';

export const SINCE_CHOICES = [
  { token: 'today', label: 'start of today' },
  { token: 'yesterday', label: 'start of yesterday' },
  { token: 'week', label: 'a week ago' },
  { token: 'batch', label: 'before the last batch' },
] as const;

export interface Since {
  asOf: AsOf;
  /** "start of today", "30 September 2026" */
  label: string;
}

/** `lastBatch`: first position of the newest batch; without one, "batch" falls back to today. */
export function resolveSince(
  token: string | undefined,
  today: Day,
  lastBatch: number | undefined,
  timeZone: string,
  parse: (token: string | undefined) => AsOf | undefined,
): Since {
  switch (token) {
    case 'yesterday':
      return { asOf: { date: addDays(today, -2) }, label: 'start of yesterday' };
    case 'week':
      return { asOf: { date: addDays(today, -7) }, label: 'a week ago' };
    case 'batch':
      if (lastBatch !== undefined) return { asOf: { position: Math.max(0, lastBatch - 1) }, label: 'before the last batch' };
      break;
  }
  const own = parse(token);
  if (own) return { asOf: own, label: asOfLabel(own, timeZone) };
  return { asOf: { date: addDays(today, -1) }, label: 'start of today' };
}

/** A state of knowledge in words. */
export function asOfLabel(asOf: AsOf, timeZone: string): string {
  if (asOf.date !== undefined) return `end of ${formatDay(asOf.date)}`;
  if (asOf.moment !== undefined) return formatMoment(asOf.moment, timeZone);
  return `position ${formatCount(asOf.position)}`;
}
