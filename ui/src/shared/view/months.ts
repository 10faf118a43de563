import type { SeriesQuery } from '@/shared/graphql/generated';
import type { MonthBar } from '@/shared/charts/month-bars';
import { add } from '@/shared/number/decimal';
import { addMonths, startOfMonth } from '@/shared/time/days';

export type SeriesPoint = NonNullable<SeriesQuery['business']>['series']['points'][number];

/** The last `count` months to `lastMonth`, each with the same month a year before (null before the first booked day). */
export function monthsWithYearBefore(
  points: readonly SeriesPoint[],
  value: (point: SeriesPoint) => string,
  lastMonth: string,
  count: number,
  firstDay: string | null,
): MonthBar[] {
  const known = new Map<string, { value: string; partial: boolean }>();
  for (const point of points) {
    const month = startOfMonth(point.from);
    const before = known.get(month);
    known.set(month, {
      value: before ? add(before.value, value(point)) : value(point),
      partial: point.partial || (before?.partial ?? false),
    });
  }
  const begins = firstDay ? startOfMonth(firstDay) : lastMonth;
  return Array.from({ length: count }, (_, index) => {
    const month = addMonths(lastMonth, index - count + 1);
    const earlierMonth = addMonths(month, -12);
    return {
      month,
      value: known.get(month)?.value ?? '0',
      before: earlierMonth < begins ? null : (known.get(earlierMonth)?.value ?? '0'),
      partial: known.get(month)?.partial ?? false,
    };
  });
}
