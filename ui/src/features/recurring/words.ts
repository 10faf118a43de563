import type { RecurringPeriod, RecurringQuery } from '@/shared/graphql/generated';
import { formatMoney } from '@/shared/number/format';

export type Series = NonNullable<RecurringQuery['business']>['recurring'][number];

const PERIODS: Record<RecurringPeriod, string> = {
  WEEKLY: 'every week',
  FORTNIGHTLY: 'every two weeks',
  MONTHLY: 'every month',
  QUARTERLY: 'every quarter',
  YEARLY: 'every year',
};

export const everyWords = (series: Pick<Series, 'period' | 'onLastWorkingDay'>): string =>
  series.onLastWorkingDay ? `${PERIODS[series.period]}, last working day` : PERIODS[series.period];

/** One amount where they are the same, else from the smallest to the largest. */
export const amountWords = ({ smallest, largest, currency }: Pick<Series, 'smallest' | 'largest' | 'currency'>): string =>
  smallest === largest ? formatMoney(largest, currency) : `${formatMoney(smallest, currency)} to ${formatMoney(largest, currency)}`;

export interface Parts {
  missed: Series[];
  out: Series[];
  into: Series[];
  ruledOut: Series[];
}

/** What did not come is told first; what was ruled out last. */
export function parted(all: readonly Series[]): Parts {
  const parts: Parts = { missed: [], out: [], into: [], ruledOut: [] };
  for (const series of all) {
    const list = series.ruledOut ? parts.ruledOut : series.missedSince ? parts.missed : series.typical.startsWith('-') ? parts.out : parts.into;
    list.push(series);
  }
  return parts;
}
