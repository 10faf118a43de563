/** Category × month as exact sums, largest row first. */
import { add, compare, isZero, percentOf, sum } from '@/shared/number/decimal';
import { startOfMonth } from '@/shared/time/days';
import type { SeriesPoint } from '@/shared/view/months';

export interface Row {
  key: string;
  cells: string[];
  total: string;
  /** In percent, see `yearChange`. */
  change: string | null;
}
export interface Matrix {
  months: string[];
  rows: Row[];
  /** Of all categories. */
  sum: Row;
  partial: boolean[];
}

/** The first of `all` is known for the comparison alone; rows, cells and totals are of the others. */
export function buildMatrix(points: readonly SeriesPoint[], all: string[], value: (point: SeriesPoint) => string): Matrix {
  const place = new Map(all.map((month, index) => [month, index]));
  const byKey = new Map<string, string[]>();
  const partial = all.map(() => false);
  for (const point of points) {
    const index = place.get(startOfMonth(point.from));
    if (index === undefined) continue;
    const cells = byKey.get(point.key ?? '') ?? all.map(() => '0');
    cells[index] = add(cells[index] ?? '0', value(point));
    byKey.set(point.key ?? '', cells);
    if (point.partial) partial[index] = true;
  }
  const everything = all.map((_, index) => sum([...byKey.values()].map((cells) => cells[index] ?? '0')));
  const rowOf = (key: string, cells: string[]): Row => ({
    key,
    cells: cells.slice(1),
    total: sum(cells.slice(1)),
    change: yearChange(cells, partial),
  });
  const rows = [...byKey]
    .map(([key, cells]) => rowOf(key, cells))
    .filter((row) => row.cells.some((cell) => !isZero(cell)))
    .sort((a, b) => compare(b.total, a.total) || a.key.localeCompare(b.key));
  return { months: all.slice(1), rows, sum: rowOf('', everything), partial: partial.slice(1) };
}

/** Last whole month against the same month a year before, where both are in the table. */
export function yearChange(cells: readonly string[], partial: readonly boolean[]): string | null {
  const last = partial.at(-1) ? cells.length - 2 : cells.length - 1;
  const now = cells[last];
  const before = cells[last - 12];
  return now === undefined || before === undefined ? null : percentOf(now, before);
}
