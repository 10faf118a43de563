import { describe, expect, it } from 'vitest';
import type { ComparedFragment, Metric } from '@/shared/graphql/generated';
import { subtract } from '@/shared/number/decimal';
import { resolvePeriod } from '@/shared/time/period';
import { BUSINESS } from '@/testing/harness';
import { buildSentence, sentenceText, type SummaryData } from './sentence';

type Given = Partial<Record<Metric, [value: string | null, before?: string | null, percent?: string | null]>>;

const BETTER: Partial<Record<Metric, boolean>> = { REVENUE: true, PROFIT: true, EXPENSES: false };

function figure(metric: Metric, [value, before = null, percent = null]: [string | null, (string | null)?, (string | null)?]): ComparedFragment {
  const difference = value !== null && before !== null ? subtract(value, before) : null;
  const direction = percent === null ? null : Math.abs(Number(percent)) < 0.5 ? 'STABLE' : Number(percent) > 0 ? 'UP' : 'DOWN';
  const unit = metric === 'RUNWAY' ? 'MONTHS' : metric === 'COUNT' ? 'COUNT' : 'MONEY';
  return { metric, unit, currency: unit === 'MONEY' ? 'GBP' : null, value, reason: null, before, difference, percent, direction, moreIsBetter: BETTER[metric] ?? null };
}

function say(given: Given, { token = '2026-10', compare = 'SAME_PERIOD_LAST_YEAR', movers = [], lacking = [], compared = { from: '2025-10-01', to: '2025-10-23' } }: {
  token?: string;
  compare?: 'SAME_PERIOD_LAST_YEAR' | 'PREVIOUS_PERIOD';
  movers?: SummaryData['movers'];
  lacking?: SummaryData['lacking'];
  compared?: { from: string; to: string };
} = {}) {
  const period = resolvePeriod(token, BUSINESS);
  const summary: SummaryData = {
    period: { from: period.from, to: period.to }, compared, known: { position: 1, at: null }, currency: 'GBP', stableBelowPercent: '0.5',
    figures: Object.entries(given).map(([metric, value]) => figure(metric as Metric, value)), movers, otherCurrencies: [], lacking,
  };
  return buildSentence({ summary, period, compare, today: BUSINESS.today, locale: 'en-GB' });
}
const text = (...args: Parameters<typeof say>) => sentenceText(say(...args));

const GOOD: Given = {
  REVENUE: ['182300.00', '168900.00', '7.93'], EXPENSES: ['141100.00', '126000.00', '11.98'], PROFIT: ['41200.00', '42900.00', '-3.96'],
  BALANCE: ['336410.12'], BURN_RATE: ['41026'], RUNWAY: ['8.2'], COUNT: ['412'],
};
const freight = { category: 'freight', kind: 'EXPENSE' as const, value: '18940.22', before: '8000', difference: '10940.22', percent: '136.75' };

describe('the answer', () => {
  it('says that an exchange rate is missing instead of telling too little', () => {
    const given: Given = { ...GOOD, REVENUE: [null, '168900.00'], PROFIT: [null, '42900.00'], BALANCE: [null] };
    expect(text(given, { lacking: [{ currency: 'USD', day: '2026-10-10' }] })).toBe('What was kept so far in October cannot be told in GBP: an exchange rate is missing.');
  });

  it('tells a running month against the same days', () => {
    expect(text(GOOD, { movers: [freight] })).toBe(
      '41,200 kept of 182,300 so far in October. Cash of 336,410 lasts 8.2 months at the present burn. Expenses run 12% above the same days last year, mostly Freight.',
    );
  });
  it('tells a month that is over by its name', () => {
    expect(text(GOOD, { token: '2026-09', compared: { from: '2025-09-01', to: '2025-09-30' } })).toContain('kept of 182,300 in September.');
    expect(text(GOOD, { token: '2026-09', compared: { from: '2025-09-01', to: '2025-09-30' } })).toContain('Expenses were 12% above September 2025.');
  });
  it('tells a loss', () => {
    expect(text({ ...GOOD, PROFIT: ['-1700.00'] })).toMatch(/^1,700 lost so far in October: 141,100 of expenses against 182,300 of revenue\./);
    expect(say({ ...GOOD, PROFIT: ['-1700.00'] })[0]).toMatchObject({ tone: 'bad', door: { metric: 'PROFIT' } });
  });
  it('tells what is missing', () => {
    expect(text({ REVENUE: ['0'], EXPENSES: ['900.5'], PROFIT: ['-900.5'] })).toContain('No revenue so far in October, and 901 of expenses.');
    expect(text({ REVENUE: ['500'], EXPENSES: ['0.00'], PROFIT: ['500'] })).toContain('500 of revenue so far in October, and no expenses.');
    expect(text({ REVENUE: ['0'], EXPENSES: ['0'], PROFIT: ['0'], COUNT: ['0'] })).toBe('Nothing was booked so far in October.');
    expect(text({ REVENUE: ['0'], EXPENSES: ['0'], PROFIT: ['0'], COUNT: ['1'] })).toContain('only one other line.');
    expect(text({ REVENUE: ['10'], EXPENSES: ['10'], PROFIT: ['0.00'] })).toContain('10 came in so far in October, and just as much went out.');
  });
  it('says that nothing can be compared without a year before', () => {
    expect(text({ ...GOOD, REVENUE: ['182300', null], EXPENSES: ['141100', '0'] })).toContain('There is nothing in the same days last year to compare with.');
  });
  it('speaks of what moved by more money, and of its direction', () => {
    const given: Given = { ...GOOD, REVENUE: ['100', '200', '-50.00'], EXPENSES: ['50', '60', '-16.67'] };
    expect(text(given)).toContain('Revenue runs 50% below the same days last year.');
    expect(text({ ...GOOD, REVENUE: ['100', '100.1', '-0.10'], EXPENSES: ['50', '50', '0.00'] })).toContain('Revenue and expenses are level with the same days last year.');
  });
  it('names a category only where it explains the move', () => {
    expect(text(GOOD, { movers: [{ ...freight, difference: '-10940.22' }] })).not.toContain('mostly');
    expect(text(GOOD, { movers: [{ ...freight, difference: '100.00' }] })).not.toContain('mostly');
    expect(text(GOOD, { movers: [{ ...freight, kind: 'REVENUE' as const }] })).not.toContain('mostly');
  });
  it('compares with the period before by name', () => {
    expect(text(GOOD, { token: '2026-09', compare: 'PREVIOUS_PERIOD', compared: { from: '2026-08-01', to: '2026-08-31' } })).toContain('above August.');
    expect(text(GOOD, { compare: 'PREVIOUS_PERIOD', compared: { from: '2026-09-01', to: '2026-09-23' } })).toContain('above 1–23 September.');
  });
  it('does not speak of a runway where nothing is burned', () => {
    expect(text({ ...GOOD, RUNWAY: [null], BURN_RATE: ['0'] })).toContain('Cash stands at 336,410, and the last three months burned none.');
    expect(text({ ...GOOD, RUNWAY: [null], BURN_RATE: [null] })).toContain('Cash stands at 336,410.');
    expect(text({ ...GOOD, BALANCE: ['-20'], RUNWAY: [null], BURN_RATE: [null] })).toContain('Cash stands at −20.');
  });
  it('makes every figure a door', () => {
    const doors = say(GOOD, { movers: [freight] }).filter((segment) => typeof segment !== 'string');
    expect(doors.map((segment) => segment.door)).toEqual([
      { metric: 'PROFIT' }, { metric: 'REVENUE' }, { metric: 'BALANCE' }, { metric: 'RUNWAY' }, { metric: 'EXPENSES' }, { metric: 'EXPENSES', category: 'freight' },
    ]);
  });
});
