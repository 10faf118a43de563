import { describe, expect, it } from 'vitest';
import { resolvePeriod } from '@/shared/time/period';
import { resolveView } from './resolve';
import { keepTime, parseAsOf, parseSearch, stringifySearch, type ViewSearch, validateSearch, withoutPanel } from './search';
import { searchOfDoor } from './view';

const ACCOUNT = '018f0000-0000-7000-8000-0000000000a1';
const full: ViewSearch = {
  period: '2026-10-01..2026-10-23', vs: 'before', known: '2026-09-30T18:00:00Z', currency: 'EUR', open: 'EXPENSES', of: '2026-Q2',
  category: 'freight & duty', account: ACCOUNT, order: 'day', tx: ACCOUNT, since: 'p1083977', figure: 'REVENUE', cause: 'LATE',
  q: 'pallet "88121" ü', incategory: 'a,b', inaccount: ACCOUNT, inpayout: ACCOUNT, kind: 'TAX', largest: true,
};

describe('the URL', () => {
  it('holds the whole state and gives it back', () => {
    expect(validateSearch(parseSearch(stringifySearch(full as never)))).toEqual(full);
    expect(validateSearch(parseSearch(''))).toEqual({});
    expect(stringifySearch({})).toBe('');
  });
  it('can be read by a person', () => {
    expect(stringifySearch({ period: '2026-10', known: '2026-09-30T18:00:00Z' })).toBe('?period=2026-10&known=2026-09-30T18:00:00Z');
  });
  it('drops what does not parse', () => {
    expect(
      validateSearch({ period: '2026-99', vs: 'x', known: 'yesterday', currency: 'pounds', open: 'REVENUES', tx: '1', since: 'ever', kind: 'X', of: '', largest: '0' }),
    ).toEqual({});
  });
  it('knows three kinds of as-of', () => {
    expect(parseAsOf('2026-09-30')).toEqual({ date: '2026-09-30' });
    expect(parseAsOf('p42')).toEqual({ position: 42 });
    expect(parseAsOf('2026-09-30T18:00:00Z')).toEqual({ moment: '2026-09-30T18:00:00Z' });
    expect(parseAsOf('2026-02-30')).toBeUndefined();
  });
});

describe('a view', () => {
  const business = {
    id: ACCOUNT, name: 'Ada', baseCurrency: 'EUR', timeZone: 'Europe/Berlin', fiscalYearFirstMonth: 1, today: '2026-11-24',
    firstDay: '2025-01-01', lastDay: '2026-11-24', currencies: ['EUR'], viewerRole: 'OWNER', erasure: null, accounts: [],
  } as never;
  const ends = (search: ViewSearch): string => resolveView(business, search as never).period.to;
  it('of the past ends a period on the day on which it stands', () => {
    expect(ends({ period: '2026-10' })).toBe('2026-10-31');
    expect(ends({ period: '2026-10', known: '2026-10-09' })).toBe('2026-10-09');
    // Half past eleven in the evening, by a clock in London, is the next day in Berlin.
    expect(ends({ period: '2026-10', known: '2026-10-09T22:30:00Z' })).toBe('2026-10-10');
    expect(ends({ period: '2026-11', known: '2026-12-09' })).toBe('2026-11-24');
  });
});

describe('doors', () => {
  const period = resolvePeriod('2026-09', { today: '2026-10-23', firstDay: null, lastDay: null, fiscalYearFirstMonth: 1 });
  it('replace the open figure and keep the screen', () => {
    const next = searchOfDoor({ ...full, period: '2026-09' }, { metric: 'REVENUE' }, period);
    expect(next).toMatchObject({ open: 'REVENUE', period: '2026-09', q: full.q });
    expect(next).not.toHaveProperty('of');
    expect(next).not.toHaveProperty('category');
    expect(next).not.toHaveProperty('tx');
  });
  it('carry days only where they differ from the screen’s', () => {
    expect(searchOfDoor({}, { metric: 'REVENUE', from: '2026-09-01', to: '2026-09-30' }, period)).toEqual({ open: 'REVENUE' });
    expect(searchOfDoor({}, { metric: 'REVENUE', from: '2026-08-01', to: '2026-08-31' }, period)).toEqual({ open: 'REVENUE', of: '2026-08' });
  });
  it('close without a trace', () => {
    expect(withoutPanel({ period: '2026-09', open: 'PROFIT', of: '2026', tx: ACCOUNT, category: 'x' })).toEqual({ period: '2026-09' });
  });
  it('leave time in force on another screen', () => {
    expect(keepTime(full)).toEqual({ period: full.period, vs: 'before', known: full.known, currency: 'EUR' });
  });
});
