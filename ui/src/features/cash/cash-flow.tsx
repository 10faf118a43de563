import { useMemo } from 'react';
import { useData } from '@/shared/api/use-data';
import { Bar } from '@/shared/charts/bars';
import { differences } from '@/shared/charts/geometry';
import { CashFlowDocument } from '@/shared/graphql/generated';
import { toneOf } from '@/shared/number/format';
import { addMonths, earlier, endOfMonth, startOfMonth } from '@/shared/time/days';
import { formatMonth } from '@/shared/time/period';
import { Figure } from '@/shared/ui/figure';
import { LacksRate } from '@/shared/ui/lacks-rate';
import { Section } from '@/shared/ui/section';
import { Failure, Skeleton } from '@/shared/ui/states';
import { useView } from '@/shared/view/view';
import styles from './cash.module.css';

const MONTHS = 13;

/** What operations brought in and took by month: the figures that burn and runway are made of. */
export function CashFlow() {
  const { business, currency, asked, asOf, period, today } = useView();
  const lastMonth = startOfMonth(earlier(period.to, today));
  const range = useMemo(() => ({ from: addMonths(lastMonth, 1 - MONTHS), to: endOfMonth(lastMonth) }), [lastMonth]);
  const variables = { business: business.id, period: range, currency: asked, ...(asOf ? { asOf } : {}) };
  const { data, problem, at, retry } = useData(CashFlowDocument, variables, { live: !asOf, keep: true });
  const series = data?.business?.series;
  const points = useMemo(() => [...(series?.points ?? [])].reverse(), [series]);
  const { spans, zero } = differences(points.map((point) => point.cashNet ?? null));
  return (
    <Section id="cash-flow" title="Operating cash flow by month" note={`${currency} · sales, refunds, expenses and taxes; financing and own transfers are not in it`}>
      {problem && <Failure problem={problem} at={at} retry={retry} />}
      <LacksRate lacking={series?.lacking} />
      {!series && !problem && <Skeleton lines={MONTHS} />}
      {series && (
        <table className={styles.accounts}>
          <thead>
            <tr>
              <th scope="col">Month</th>
              <th scope="col" className="num">
                In
              </th>
              <th scope="col" className="num">
                Out
              </th>
              <th scope="col" className="num">
                Net
              </th>
              <th aria-hidden="true" className={styles.bars} />
            </tr>
          </thead>
          <tbody>
            {points.map((point, index) => {
              const month = { from: startOfMonth(point.from), to: endOfMonth(point.from) };
              const position = series.known.position;
              const tone = toneOf(point.cashNet, true);
              return (
                <tr key={point.from}>
                  <th scope="row">
                    {formatMonth(point.from)}
                    {point.partial && <span className="muted"> so far</span>}
                  </th>
                  <td className="num">
                    <Figure value={point.cashIn} currency={currency} style="whole" position={position} door={{ metric: 'CASH_IN', ...month }} />
                  </td>
                  <td className="num">
                    <Figure value={point.cashOut} currency={currency} style="whole" position={position} door={{ metric: 'CASH_OUT', ...month }} />
                  </td>
                  <td className="num">
                    <Figure value={point.cashNet} currency={currency} style="whole" signed position={position} tone={tone} door={{ metric: 'CASH_NET', ...month }} />
                  </td>
                  <td className={styles.bars}>
                    <Bar span={spans[index] ?? null} zero={zero} tone={tone === 'neutral' ? 'actual' : tone} />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </Section>
  );
}
