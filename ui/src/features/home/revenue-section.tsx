import { useCallback, useMemo } from 'react';
import { useData } from '@/shared/api/use-data';
import { MonthBars } from '@/shared/charts/month-bars';
import { SeriesDocument } from '@/shared/graphql/generated';
import { addMonths, earlier, endOfMonth, startOfMonth } from '@/shared/time/days';
import { rangeToken } from '@/shared/time/period';
import { Section } from '@/shared/ui/section';
import { LacksRate, whole } from '@/shared/ui/lacks-rate';
import { Failure } from '@/shared/ui/states';
import { monthsWithYearBefore } from '@/shared/view/months';
import { useOpenDoor, useSetSearch, useView } from '@/shared/view/view';

const MONTHS = 13;

export function RevenueSection() {
  const { business, currency, asked, asOf, period, today } = useView();
  const open = useOpenDoor();
  const set = useSetSearch();
  const lastMonth = startOfMonth(earlier(period.to, today));
  const range = useMemo(() => ({ from: addMonths(lastMonth, -MONTHS - 11), to: endOfMonth(lastMonth) }), [lastMonth]);
  const variables = { business: business.id, period: range, bucket: 'MONTH' as const, currency: asked, ...(asOf ? { asOf } : {}) };
  const { data, problem, at, retry } = useData(SeriesDocument, variables, { live: !asOf, keep: true });
  const series = data?.business?.series;
  const points = whole(series)?.points;
  const bars = useMemo(
    () => points && monthsWithYearBefore(points, (point) => point.revenue ?? '0', lastMonth, MONTHS, business.firstDay),
    [points, lastMonth, business.firstDay],
  );
  const pick = useCallback((month: string) => open({ metric: 'REVENUE', from: month, to: endOfMonth(month) }), [open]);
  const onRange = useCallback(
    (from: string, to: string) => set((search) => ({ ...search, period: rangeToken(from, endOfMonth(to)) })),
    [set],
  );
  return (
    <Section id="revenue" title="Revenue by month" note={`${currency} · dark the last ${MONTHS} months, light the year before`}>
      {problem && <Failure problem={problem} at={at} retry={retry} />}
      <LacksRate lacking={series?.lacking} />
      {!series?.lacking.length && (
        <MonthBars label="Revenue by month" bars={bars} currency={currency} height={212} moreIsBetter onPick={pick} onRange={onRange} />
      )}
    </Section>
  );
}
