/**
 * The period on screen. Its token is what the URL holds ("2026-10", "2026-Q4", "2026", "fy2026" or
 * two days with ".." between). A running period ends on the day on which the reader stands, which is today
 * or that of the past view, so that it is compared with equal days.
 */
import { addDays, addMonths, asDate, type Day, daysBetween, earlier, endOfMonth, isDay, monthOf, startOfMonth, yearOf } from './days';

export type PeriodKind = 'month' | 'quarter' | 'year' | 'fiscal-year' | 'range';
export interface Period {
  token: string;
  kind: PeriodKind;
  from: Day;
  /** Last day that is looked at: that on which the reader stands in a running period. */
  to: Day;
  /** Last day of the whole period. */
  end: Day;
  running: boolean;
}
export interface Calendar {
  today: Day;
  firstDay: Day | null;
  lastDay: Day | null;
  fiscalYearFirstMonth: number;
}

const MONTH = /^(\d{4})-(0[1-9]|1[0-2])$/;
const QUARTER = /^(\d{4})-Q([1-4])$/;
const YEAR = /^(\d{4})$/;
const FISCAL = /^fy(\d{4})$/;
const RANGE = /^(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})$/;

const pad = (month: number): string => String(month).padStart(2, '0');

function bounds(token: string, firstMonth: number): { kind: PeriodKind; from: Day; end: Day } | null {
  let match = MONTH.exec(token);
  if (match) return { kind: 'month', from: `${token}-01`, end: endOfMonth(`${token}-01`) };
  match = QUARTER.exec(token);
  if (match) {
    const from = `${match[1]}-${pad(Number(match[2]) * 3 - 2)}-01`;
    return { kind: 'quarter', from, end: addDays(addMonths(from, 3), -1) };
  }
  if (YEAR.test(token)) return { kind: 'year', from: `${token}-01-01`, end: `${token}-12-31` };
  match = FISCAL.exec(token);
  if (match) {
    const from = `${match[1]}-${pad(firstMonth)}-01`;
    return { kind: 'fiscal-year', from, end: addDays(addMonths(from, 12), -1) };
  }
  match = RANGE.exec(token);
  if (match?.[1] && match[2] && isDay(match[1]) && isDay(match[2]) && match[1] <= match[2]) {
    return { kind: 'range', from: match[1], end: match[2] };
  }
  return null;
}

export const isPeriodToken = (token: string): boolean => bounds(token, 1) !== null;

/** Without a token: this month, or the last month that has data where the data ends earlier. */
export function defaultToken(calendar: Calendar): string {
  const { today, lastDay } = calendar;
  const month = startOfMonth(today);
  if (!lastDay || lastDay >= month) return month.slice(0, 7);
  return lastDay === endOfMonth(lastDay) ? lastDay.slice(0, 7) : `${startOfMonth(lastDay)}..${lastDay}`;
}

/** `day`: on which the reader stands; a past view's is before today. */
export function resolvePeriod(token: string | undefined, calendar: Calendar, day: Day = calendar.today): Period {
  const chosen = token && isPeriodToken(token) ? token : defaultToken(calendar);
  const found = bounds(chosen, calendar.fiscalYearFirstMonth);
  if (!found) throw new RangeError(`not a period: ${chosen}`);
  const { kind, from, end } = found;
  // Its last day is under way while it is today; in a past view it is seen at its close.
  const isOver = day > end || (day === end && day !== calendar.today);
  const running = from <= day && !isOver && kind !== 'range';
  return { token: chosen, kind, from, end, to: running ? day : end, running };
}

export const rangeToken = (from: Day, to: Day): string =>
  from === startOfMonth(from) && to === endOfMonth(from) ? from.slice(0, 7) : `${from}..${to}`;

/** The period before or after, of the same kind and length. */
export function shiftPeriod(period: Period, step: -1 | 1): string {
  const { kind, from, end } = period;
  switch (kind) {
    case 'month':
      return addMonths(from, step).slice(0, 7);
    case 'quarter': {
      const start = addMonths(from, 3 * step);
      return `${yearOf(start)}-Q${Math.ceil(monthOf(start) / 3)}`;
    }
    case 'year':
      return String(yearOf(from) + step);
    case 'fiscal-year':
      return `fy${yearOf(from) + step}`;
    case 'range': {
      const length = daysBetween(from, end) + 1;
      return `${addDays(from, step * length)}..${addDays(end, step * length)}`;
    }
  }
}

export interface Choice {
  label: string;
  token: string;
}

/** What the period control offers. */
export function periodChoices(calendar: Calendar): Choice[] {
  const { today, firstDay, lastDay, fiscalYearFirstMonth } = calendar;
  const month = startOfMonth(today);
  const fiscalYear = monthOf(today) >= fiscalYearFirstMonth ? yearOf(today) : yearOf(today) - 1;
  const choices: Choice[] = [
    { label: 'This month', token: month.slice(0, 7) },
    { label: 'Last month', token: addMonths(month, -1).slice(0, 7) },
    { label: 'This quarter', token: `${yearOf(today)}-Q${Math.ceil(monthOf(today) / 3)}` },
    { label: 'This year', token: String(yearOf(today)) },
    { label: 'Last year', token: String(yearOf(today) - 1) },
  ];
  if (fiscalYearFirstMonth !== 1) choices.push({ label: 'This fiscal year', token: `fy${fiscalYear}` });
  choices.push({ label: 'Last 90 days', token: `${addDays(today, -89)}..${today}` });
  if (firstDay && lastDay) choices.push({ label: 'Everything', token: `${firstDay}..${earlier(lastDay, today)}` });
  return choices;
}

const dayMonth = { day: 'numeric', month: 'long', timeZone: 'UTC' } as const;

/** "1–23 October", with the year where it is not the year of `today`. */
export function formatDays(from: Day, to: Day, today: Day, locale?: string): string {
  const thisYear = yearOf(from) === yearOf(today) && yearOf(to) === yearOf(today);
  const format = new Intl.DateTimeFormat(locale, thisYear ? dayMonth : { ...dayMonth, year: 'numeric' });
  // Within one month the days stand close together: "1–23 October".
  return format.formatRange(asDate(from), asDate(to)).replace(/^(\d{1,2})\s*–\s*(\d{1,2})(?=\D)/, '$1–$2');
}

export function formatMonth(day: Day, locale?: string, withYear = true): string {
  return new Intl.DateTimeFormat(locale, { month: 'long', ...(withYear ? { year: 'numeric' } : {}), timeZone: 'UTC' }).format(asDate(day));
}

export function periodLabel(period: Period, today: Day, locale?: string): string {
  if (period.running) return formatDays(period.from, period.to, today, locale);
  switch (period.kind) {
    case 'month':
      return formatMonth(period.from, locale, yearOf(period.from) !== yearOf(today));
    case 'quarter':
      return `Q${Math.ceil(monthOf(period.from) / 3)} ${yearOf(period.from)}`;
    case 'year':
      return String(yearOf(period.from));
    case 'fiscal-year':
      return `Fiscal ${yearOf(period.from)}/${String(yearOf(period.end)).slice(2)}`;
    case 'range':
      return formatDays(period.from, period.to, today, locale);
  }
}

/** The period as the sentence names it: "October", "2025", "1–9 December 2011". */
export function periodName(period: Period, today: Day, locale?: string): string {
  if (period.kind === 'month') return formatMonth(period.from, locale, yearOf(period.from) !== yearOf(today));
  if (period.kind === 'range') return formatDays(period.from, period.to, today, locale);
  return periodLabel({ ...period, running: false }, today, locale);
}
