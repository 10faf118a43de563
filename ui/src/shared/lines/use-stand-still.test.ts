import { expect, it } from 'vitest';
import { movedBy } from './use-stand-still';

const keysOf = (rows: string[]) => (index: number) => rows[index];

it('tells by how many rows a row has moved', () => {
  expect(movedBy({ index: 2, key: 'c' }, keysOf(['a', 'b', 'c', 'd']))).toBe(0);
  expect(movedBy({ index: 2, key: 'c' }, keysOf(['x', 'y', 'a', 'b', 'c']))).toBe(2);
  expect(movedBy({ index: 2, key: 'c' }, keysOf(['c', 'd']))).toBe(-2);
  expect(movedBy({ index: 2, key: 'c' }, keysOf(['a', 'b', 'd']))).toBe(0);
});
