/** Moments shown and entered in the business's own time zone. */
import { asDate, type Day } from './days';

const cache = new Map<string, Intl.DateTimeFormat>();

function format(locale: string | undefined, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale ?? ''}${JSON.stringify(options)}`;
  let found = cache.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(locale, options);
    cache.set(key, found);
  }
  return found;
}

/** "22 Oct 2026, 14:03:22" */
export function formatMoment(iso: string, timeZone: string, options: { seconds?: boolean; locale?: string } = {}): string {
  return format(options.locale, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    ...(options.seconds ? { second: '2-digit' } : {}),
    hourCycle: 'h23',
    timeZone,
  }).format(new Date(iso));
}

/** "30 September 2026" */
export const formatDay = (day: Day, locale?: string): string =>
  format(locale, { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' }).format(asDate(day));

/** "22 Oct", with the year where it is another than `today`'s. */
export function formatShortDay(day: Day, today?: Day, locale?: string): string {
  const sameYear = today !== undefined && day.slice(0, 4) === today.slice(0, 4);
  return format(locale, {
    day: 'numeric',
    month: 'short',
    ...(sameYear ? {} : { year: 'numeric' }),
    timeZone: 'UTC',
  }).format(asDate(day));
}

export const formatShortMonth = (day: Day, locale?: string): string =>
  format(locale, { month: 'short', timeZone: 'UTC' }).format(asDate(day));

/** "September 2026" */
export const formatMonth = (day: Day, locale?: string): string =>
  format(locale, { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(asDate(day));

export const formatTime = (date: Date, locale?: string): string =>
  format(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(date);

/** The day that a moment falls on in a time zone. */
export function dayIn(iso: string, timeZone: string): Day {
  const parts = format('en-CA', { year: 'numeric', month: '2-digit', day: '2-digit', timeZone }).formatToParts(new Date(iso));
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')}`;
}

function offsetAt(ms: number, timeZone: string): number {
  const parts = format('en-US', {
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    hourCycle: 'h23',
    timeZone,
  }).formatToParts(new Date(ms));
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value ?? 0);
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')) - ms;
}

/** A wall-clock reading in a time zone ("2026-09-30T18:00") as RFC 3339 in UTC. */
export function momentFromLocal(local: string, timeZone: string): string | null {
  const wall = Date.parse(`${local.length === 16 ? `${local}:00` : local}Z`);
  if (Number.isNaN(wall)) return null;
  // Twice, because the offset found first may belong to the other side of a clock change.
  const guess = wall - offsetAt(wall, timeZone);
  return new Date(wall - offsetAt(guess, timeZone)).toISOString().replace('.000Z', 'Z');
}

/** "3 s ago", "4 min ago", "2 h ago": short, and never of the future. */
export function formatAgo(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} days ago`;
}
