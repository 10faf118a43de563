/** Category × month as exact sums, largest row first. */
import { add, compare, isZero, percentOf, sum } from '@/shared/number/decimal';
import { startOfMonth } from '@/shared/time/days';
import type { SeriesPoint } from '@/shared/view/months';

export interface Row {
  key: string;
  cells: string[];
  total: string;
}
export interface Matrix {
  months: string[];
  rows: Row[];
  /** Of all categories. */
  sums: string[];
  total: string;
  partial: boolean[];
}

export function buildMatrix(points: readonly SeriesPoint[], months: string[], value: (point: SeriesPoint) => string): Matrix {
  const place = new Map(months.map((month, index) => [month, index]));
  const byKey = new Map<string, string[]>();
  const partial = months.map(() => false);
  for (const point of points) {
    const index = place.get(startOfMonth(point.from));
    if (index === undefined) continue;
    const cells = byKey.get(point.key ?? '') ?? months.map(() => '0');
    cells[index] = add(cells[index] ?? '0', value(point));
    byKey.set(point.key ?? '', cells);
    if (point.partial) partial[index] = true;
  }
  const rows = [...byKey]
    .map(([key, cells]) => ({ key, cells, total: sum(cells) }))
    .filter((row) => row.cells.some((cell) => !isZero(cell)))
    .sort((a, b) => compare(b.total, a.total) || a.key.localeCompare(b.key));
  const sums = months.map((_, index) => sum(rows.map((row) => row.cells[index] ?? '0')));
  return { months, rows, sums, total: sum(sums), partial };
}

/** Last whole month against the same month a year before, where both are in the table. */
export function yearChange(cells: readonly string[], partial: readonly boolean[]): string | null {
  const last = partial.at(-1) ? cells.length - 2 : cells.length - 1;
  const now = cells[last];
  const before = cells[last - 12];
  return now === undefined || before === undefined ? null : percentOf(now, before);
}
