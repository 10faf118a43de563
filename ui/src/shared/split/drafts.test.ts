import { describe, expect, it } from 'vitest';
import { countedOf, type Draft, draftsOf, endedBy, partsOf, remaining, typed, withTheRest } from './drafts';

const draft = (id: number, amount: string, category = 'travel'): Draft => ({ id, amount, category, kind: null, note: ' ' });
const expense = () => 'EXPENSE' as const;

describe('parts of a transaction', () => {
  it('takes what people type and nothing else', () => {
    expect(['80', '80.00', ' 0,5 ', '0', '-3', '1e5', ''].map(typed)).toEqual(['80', '80.00', '0.5', null, null, null, null]);
  });
  it('says what is left to the last digit', () => {
    expect(remaining('-120.00', [draft(0, '80'), draft(1, '39.99')])).toBe('0.01');
    expect(remaining('-0.3', [draft(0, '0.1'), draft(1, '0.2')])).toBe('0.0');
    expect(remaining('120', [draft(0, '121')])).toBe('-1');
  });
  it('gives one part the rest, unless nothing would be left of it', () => {
    const drafts = [draft(0, '80'), draft(1, '')];
    expect(withTheRest('-120.00', drafts, drafts[1] as Draft)).toBe('40.00');
    expect(withTheRest('-60.00', drafts, drafts[1] as Draft)).toBeNull();
  });
  it('is ready when all parts are the whole, with its sign', () => {
    expect(partsOf('-120.00', [draft(0, '80'), draft(1, '40')], expense)?.map((part) => [part.amount, part.note])).toEqual([
      ['-80', null],
      ['-40', null],
    ]);
    expect(partsOf('-120.00', [draft(0, '80'), draft(1, '39')], expense)).toBeNull();
    expect(partsOf('-120.00', [draft(0, '80'), draft(1, '40', '')], expense)).toBeNull();
    expect(partsOf('-120.00', [draft(0, '120')], expense)).toBeNull();
    expect(partsOf('-120.00', [draft(0, '80'), draft(1, '40')], () => undefined)).toBeNull();
  });
  it('counts in a figure with the parts that are of it', () => {
    const parts = [
      { amount: '-80.00', category: 'rent', kind: 'EXPENSE' as const, note: null },
      { amount: '-40.00', category: 'owner_drawing', kind: 'FINANCING' as const, note: null },
    ];
    const line = { amount: '-120.00', parts };
    expect(countedOf(line, { kinds: ['EXPENSE', 'TAX'] })).toBe('-80.00');
    expect(countedOf(line, { category: 'owner_drawing' })).toBe('-40.00');
    expect(countedOf(line, {})).toBe('-120.00');
    expect(countedOf({ ...line, parts: [] }, { category: 'rent' })).toBe('-120.00');
  });
  it('begins with the category that is known', () => {
    const decision = { basis: 'RULE' as const, certainty: 99, reason: '', rule: null, reported: null };
    expect(draftsOf({ parts: [], category: 'travel', decision }).map((one) => one.category)).toEqual(['travel', '']);
    const parts = [{ amount: '-80.00', category: 'rent', kind: 'EXPENSE' as const, note: 'a' }];
    expect(draftsOf({ parts, category: 'travel', decision })).toEqual([{ id: 0, amount: '80.00', category: 'rent', kind: 'EXPENSE', note: 'a' }]);
  });
  it('knows a split that ended by another amount, until somebody decides', () => {
    const revision = (amount: string, parts: number, cause: string) => ({ transaction: { amount, cause, parts: Array.from({ length: parts }) } }) as never;
    const split = [revision('-120.00', 0, 'NEW'), revision('-120.00', 2, 'RECATEGORISED')];
    expect(endedBy([...split, revision('-118.00', 0, 'CORRECTED')])?.now.amount).toBe('-118.00');
    expect(endedBy([...split, revision('-120.00', 0, 'RECATEGORISED')])).toBeNull();
    expect(endedBy([...split, revision('-118.00', 0, 'CORRECTED'), revision('-118.00', 0, 'RECATEGORISED')])).toBeNull();
    expect(endedBy(split)).toBeNull();
    expect(endedBy([])).toBeNull();
  });
});
