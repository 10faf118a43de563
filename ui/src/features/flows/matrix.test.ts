import { describe, expect, it } from 'vitest';
import { monthsOf } from '@/shared/time/days';
import type { SeriesPoint } from '@/shared/view/months';
import { buildMatrix } from './matrix';

const point = (from: string, key: string, cashOut: string, partial = false): SeriesPoint => ({
  from, to: from, key, partial, revenue: '0', expenses: '0', cashIn: '0', cashOut, count: 1,
});
const months = monthsOf('2025-09-01', '2026-10-01');

describe('category by month', () => {
  const matrix = buildMatrix(
    [
      point('2025-09-01', 'rent', '100.00'),
      point('2026-09-01', 'rent', '110.00'),
      point('2026-09-01', 'freight', '0.10'),
      point('2026-10-01', 'freight', '300.20', true),
      point('2025-09-01', 'gone', '5'),
    ],
    months,
    (one) => one.cashOut ?? '0',
  );
  it('shows 13 months, largest category first, and none that is empty', () => {
    expect(matrix.months).toHaveLength(13);
    expect(matrix.months[0]).toBe('2025-10-01');
    expect(matrix.rows.map((row) => row.key)).toEqual(['freight', 'rent']);
  });
  it('sums exactly', () => {
    expect(matrix.rows[0]?.total).toBe('300.30');
    expect(matrix.sum.total).toBe('410.30');
    expect(matrix.sum.cells.at(-2)).toBe('110.10');
  });
  it('compares the last whole month with the year before, not the running one', () => {
    expect(matrix.partial.at(-1)).toBe(true);
    expect(matrix.rows[1]?.change).toBe('10.0');
    expect(matrix.rows[0]?.change).toBeNull();
  });
});
