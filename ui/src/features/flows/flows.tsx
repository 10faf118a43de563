/** Money in and Money out: by month, then category by month, every cell a door. */
import { useCallback, useMemo } from 'react';
import { useData } from '@/shared/api/use-data';
import { MonthBars } from '@/shared/charts/month-bars';
import { SeriesDocument } from '@/shared/graphql/generated';
import { addMonths, earlier, endOfMonth, monthsOf, startOfMonth } from '@/shared/time/days';
import { formatMonth, rangeToken } from '@/shared/time/period';
import { NoData } from '@/shared/ui/no-data';
import { Part, ScreenTitle } from '@/shared/ui/screen';
import { LacksRate, whole } from '@/shared/ui/lacks-rate';
import { Section } from '@/shared/ui/section';
import { Empty, Failure, Skeleton } from '@/shared/ui/states';
import { monthsWithYearBefore, type SeriesPoint } from '@/shared/view/months';
import { useOpenDoor, useSetSearch, useView } from '@/shared/view/view';
import { FlowTable } from './flow-table';
import { buildMatrix } from './matrix';

const MONTHS = 13;

export const MoneyIn = () => <Flows side="in" />;
export const MoneyOut = () => <Flows side="out" />;

const valueOf = { in: (point: SeriesPoint) => point.cashIn ?? '0', out: (point: SeriesPoint) => point.cashOut ?? '0' };

function Flows({ side }: { side: 'in' | 'out' }) {
  const { business, currency, asked, asOf, period, today } = useView();
  const set = useSetSearch();
  const open = useOpenDoor();
  const metric = side === 'in' ? 'CASH_IN' : 'CASH_OUT';
  const name = side === 'in' ? 'Money in' : 'Money out';
  const lastMonth = startOfMonth(earlier(period.to, today));
  const months = useMemo(() => monthsOf(addMonths(lastMonth, -MONTHS), lastMonth), [lastMonth]);
  const range = useMemo(() => ({ from: addMonths(lastMonth, -MONTHS - 11), to: endOfMonth(lastMonth) }), [lastMonth]);
  const shared = { business: business.id, bucket: 'MONTH' as const, currency: asked, ...(asOf ? { asOf } : {}) };
  const options = { live: !asOf, keep: true };
  const totals = useData(SeriesDocument, { ...shared, period: range }, options);
  const split = useData(SeriesDocument, { ...shared, period: { from: months[0] ?? lastMonth, to: range.to }, by: 'CATEGORY' as const }, options);
  const told = totals.data?.business?.series;
  const points = whole(told)?.points;
  const series = whole(split.data?.business?.series);
  const lacks = (told?.lacking.length ?? 0) > 0;
  const bars = useMemo(() => points && monthsWithYearBefore(points, valueOf[side], lastMonth, MONTHS, business.firstDay), [points, side, lastMonth, business.firstDay]);
  const matrix = useMemo(() => series && buildMatrix(series.points, months, valueOf[side]), [series, months, side]);
  const pick = useCallback((month: string) => open({ metric, from: month, to: endOfMonth(month) }), [open, metric]);
  const onRange = useCallback((from: string, to: string) => set((search) => ({ ...search, period: rangeToken(from, endOfMonth(to)) })), [set]);
  const problem = totals.problem ?? split.problem;
  if (!business.firstDay) return <NoData />;
  return (
    <>
      <ScreenTitle title={name}>
        {currency}, sales, refunds, expenses and taxes (settlements, financing and own transfers are not in it), {formatMonth(months[1] ?? lastMonth)} to {formatMonth(lastMonth)}
      </ScreenTitle>
      {problem && <Failure problem={problem} at={totals.at} retry={() => (totals.retry(), split.retry())} />}
      <LacksRate lacking={told?.lacking} />
      <Part>
        <Section id="by-month" title={`${name} by month`} note={`${currency} · dark the last ${MONTHS} months, light the year before`}>
          {!lacks && (
            <MonthBars label={`${name} by month`} bars={bars} currency={currency} height={220} moreIsBetter={side === 'in'} onPick={pick} onRange={onRange} />
          )}
        </Section>
      </Part>
      <Part>
        <Section id="by-category" title="By category and month" note={`${currency}, whole units; Δ is the last whole month against the same month a year before`}>
          {!matrix && !problem && !lacks && <Skeleton lines={10} />}
          {matrix && matrix.rows.length === 0 && <Empty title={`No ${name.toLowerCase()} in these months.`}>Choose another period above.</Empty>}
          {matrix && matrix.rows.length > 0 && series && <FlowTable matrix={matrix} metric={metric} position={series.known.position} moreIsBetter={side === 'in'} />}
        </Section>
      </Part>
    </>
  );
}
