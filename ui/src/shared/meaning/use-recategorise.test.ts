import { describe, expect, it } from 'vitest';
import { before, type Lined } from './use-recategorise';

const line = (id: string, basis: 'CHOICE' | 'RULE', category: string): Lined => ({ id, category, kind: 'EXPENSE', account: { id: 'a', name: 'A' }, decision: { basis, certainty: 90, reason: '', rule: null, reported: null }, parts: [] });

describe('the way back', () => {
  it('makes a choice again, and leaves what was no choice to decide itself', () => {
    const back = before([line('1', 'CHOICE', 'rent'), line('2', 'RULE', 'freight'), line('3', 'CHOICE', 'rent'), line('4', 'RULE', 'rent')]);
    expect(back.map((was) => [was.category, was.lines.map((one) => one.id)])).toEqual([
      ['rent', ['1', '3']],
      [null, ['2', '4']],
    ]);
  });
});
