/** Calendar days as ISO strings ("2026-10-23"): they sort as text and carry no time zone. */
export type Day = string;

const DAY_MS = 86_400_000;

const toUtc = (day: Day): number => Date.parse(`${day}T00:00:00Z`);
const fromUtc = (ms: number): Day => new Date(ms).toISOString().slice(0, 10);

export const isDay = (text: string): boolean => {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const ms = toUtc(text);
  return !Number.isNaN(ms) && fromUtc(ms) === text;
};

export const addDays = (day: Day, count: number): Day => fromUtc(toUtc(day) + count * DAY_MS);

export const daysBetween = (from: Day, to: Day): number => Math.round((toUtc(to) - toUtc(from)) / DAY_MS);

export const startOfMonth = (day: Day): Day => `${day.slice(0, 7)}-01`;

export const yearOf = (day: Day): number => Number(day.slice(0, 4));
export const monthOf = (day: Day): number => Number(day.slice(5, 7));

/** First day of the month that lies `count` months from the month of `day`. */
export function addMonths(day: Day, count: number): Day {
  return fromUtc(Date.UTC(yearOf(day), monthOf(day) - 1 + count, 1));
}

export const endOfMonth = (day: Day): Day => addDays(addMonths(day, 1), -1);

export const earlier = (a: Day, b: Day): Day => (a < b ? a : b);
export const later = (a: Day, b: Day): Day => (a > b ? a : b);

/** All first-of-month days from the month of `from` to the month of `to`. */
export function monthsOf(from: Day, to: Day): Day[] {
  const months: Day[] = [];
  for (let month = startOfMonth(from); month <= to; month = addMonths(month, 1)) months.push(month);
  return months;
}

/** For `Intl.DateTimeFormat` with timeZone UTC. */
export const asDate = (day: Day): Date => new Date(toUtc(day));
