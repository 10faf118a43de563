import { describe, expect, it } from 'vitest';
import { addMonths, endOfMonth, isDay, monthsOf } from './days';
import { defaultToken, formatDays, isPeriodToken, periodChoices, periodLabel, periodName, rangeToken, resolvePeriod, shiftPeriod } from './period';

const calendar = { today: '2026-10-23', firstDay: '2024-10-01', lastDay: '2026-10-23', fiscalYearFirstMonth: 4 };
const of = (token: string) => resolvePeriod(token, calendar);

describe('days', () => {
  it('know their calendar', () => {
    expect(isDay('2024-02-29')).toBe(true);
    expect(isDay('2026-02-29')).toBe(false);
    expect(endOfMonth('2024-02-10')).toBe('2024-02-29');
    expect(addMonths('2026-01-31', -1)).toBe('2025-12-01');
    expect(monthsOf('2025-11-15', '2026-02-01')).toEqual(['2025-11-01', '2025-12-01', '2026-01-01', '2026-02-01']);
  });
});

describe('periods', () => {
  it('ends a running one today, so that equal days are compared', () => {
    expect(of('2026-10')).toMatchObject({ from: '2026-10-01', to: '2026-10-23', end: '2026-10-31', running: true });
    expect(of('2026')).toMatchObject({ to: '2026-10-23', running: true });
    expect(of('2026-09')).toMatchObject({ to: '2026-09-30', running: false });
  });
  it('goes on until the end of its last day', () => {
    const last = { ...calendar, today: '2026-10-31' };
    expect(resolvePeriod('2026-10', last)).toMatchObject({ to: '2026-10-31', end: '2026-10-31', running: true });
    expect(resolvePeriod('2026-10', { ...last, today: '2026-11-01' })).toMatchObject({ to: '2026-10-31', running: false });
    // Seen later as it was at the close of that day.
    expect(resolvePeriod('2026-10', { ...last, today: '2026-11-20' }, '2026-10-31')).toMatchObject({ to: '2026-10-31', running: false });
  });
  it('ends one that was running in a past view on that view’s day', () => {
    const seen = (token: string, day: string) => resolvePeriod(token, calendar, day);
    expect(seen('2026-09', '2026-09-14')).toMatchObject({ to: '2026-09-14', end: '2026-09-30', running: true });
    expect(seen('2026', '2026-09-14')).toMatchObject({ to: '2026-09-14', running: true });
    expect(seen('2026-08', '2026-09-14')).toMatchObject({ to: '2026-08-31', running: false });
    // What had not begun by then is looked at whole.
    expect(seen('2026-10', '2026-09-14')).toMatchObject({ to: '2026-10-31', running: false });
  });
  it('knows quarters and the business’s fiscal year', () => {
    expect(of('2026-Q2')).toMatchObject({ from: '2026-04-01', to: '2026-06-30' });
    expect(of('fy2025')).toMatchObject({ from: '2025-04-01', to: '2026-03-31', kind: 'fiscal-year' });
  });
  it('opens where the data is', () => {
    expect(defaultToken(calendar)).toBe('2026-10');
    expect(defaultToken({ ...calendar, lastDay: '2011-12-09' })).toBe('2011-12-01..2011-12-09');
    expect(defaultToken({ ...calendar, lastDay: '2011-11-30' })).toBe('2011-11');
    expect(defaultToken({ ...calendar, lastDay: null })).toBe('2026-10');
  });
  it('falls back where a token is none', () => {
    expect(of('2026-13').token).toBe('2026-10');
    expect(isPeriodToken('2026-10-05..2026-10-01')).toBe(false);
    expect(isPeriodToken('2026-02-30..2026-03-01')).toBe(false);
  });
  it('moves by its own kind', () => {
    expect(shiftPeriod(of('2026-01'), -1)).toBe('2025-12');
    expect(shiftPeriod(of('2026-Q1'), -1)).toBe('2025-Q4');
    expect(shiftPeriod(of('fy2025'), 1)).toBe('fy2026');
    expect(shiftPeriod(of('2026-10-01..2026-10-10'), -1)).toBe('2026-09-21..2026-09-30');
  });
  it('calls a range of whole months by its month', () => {
    expect(rangeToken('2026-02-01', '2026-02-28')).toBe('2026-02');
    expect(rangeToken('2026-02-01', '2026-03-31')).toBe('2026-02-01..2026-03-31');
  });
  it('offers the fiscal year where it is another', () => {
    expect(periodChoices(calendar).map((choice) => choice.token)).toContain('fy2026');
    expect(periodChoices({ ...calendar, fiscalYearFirstMonth: 1 }).map((choice) => choice.token)).not.toContain('fy2026');
  });
});

describe('names', () => {
  const locale = 'en-GB';
  it('say the year only where it is another', () => {
    expect(formatDays('2026-10-01', '2026-10-23', '2026-10-23', locale)).toBe('1–23 October');
    expect(formatDays('2011-12-01', '2011-12-09', '2026-10-23', locale)).toBe('1–9 December 2011');
    expect(formatDays('2010-12-01', '2011-12-09', '2026-10-23', locale).replace(/\s/g, ' ')).toBe('1 December 2010 – 9 December 2011');
    expect(periodLabel(of('2026-09'), calendar.today, locale)).toBe('September');
    expect(periodLabel(of('2025-09'), calendar.today, locale)).toBe('September 2025');
    expect(periodName(of('2026-10'), calendar.today, locale)).toBe('October');
    expect(periodLabel(of('fy2025'), calendar.today, locale)).toBe('Fiscal 2025/26');
  });
});
