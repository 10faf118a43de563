import { add, compare, isZero } from '@/shared/number/decimal';
import type { SeriesPoint } from './months';

export interface KeyTotal {
  key: string;
  value: string;
}

/** Exact sums by the split's key, largest first, without those that are zero. */
export function totalsByKey(points: readonly SeriesPoint[], value: (point: SeriesPoint) => string): KeyTotal[] {
  const totals = new Map<string, string>();
  for (const point of points) totals.set(point.key ?? '', add(totals.get(point.key ?? '') ?? '0', value(point)));
  return [...totals]
    .map(([key, total]) => ({ key, value: total }))
    .filter((one) => !isZero(one.value))
    .sort((a, b) => compare(b.value, a.value) || a.key.localeCompare(b.key));
}
