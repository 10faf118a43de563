import { describe, expect, it } from 'vitest';
import { type Part, searchOfPart } from './parts';

const part = (change: Partial<Part>): Part => ({ key: 'k', label: 'k', kind: null, category: null, account: null, value: '1', count: 1, ...change });

describe('a part', () => {
  it('narrows the figure by its category or account and closes an open line', () => {
    expect(searchOfPart({ open: 'EXPENSES', tx: 'x', period: '2026' }, part({ category: 'freight' }))).toEqual({ open: 'EXPENSES', period: '2026', category: 'freight' });
    expect(searchOfPart({ open: 'BALANCE' }, part({ account: 'a' }))).toEqual({ open: 'BALANCE', account: 'a' });
  });
  it('of a quotient opens the figure that it is', () => {
    expect(searchOfPart({ open: 'RUNWAY', of: '2026-09' }, part({ key: 'burn_rate' }))).toEqual({ open: 'BURN_RATE', of: '2026-09' });
    expect(searchOfPart({ open: 'BURN_RATE' }, part({ key: '2026-08' }))).toEqual({ open: 'CASH_NET', of: '2026-08' });
    expect(searchOfPart({ open: 'AVERAGE_SALE' }, part({ key: 'number_of_sales' }))).toBeNull();
  });
});
