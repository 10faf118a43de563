/** A figure told in one currency by what its money was before: each opens to its days and the rates that they were told at. */
import { useState } from 'react';
import { useData } from '@/shared/api/use-data';
import { ConversionsDocument, type ConversionsQuery, type ExplainQuery, type Metric } from '@/shared/graphql/generated';
import { DASH, formatCount, formatMoney } from '@/shared/number/format';
import { formatDays } from '@/shared/time/period';
import { Failure, Skeleton } from '@/shared/ui/states';
import { useView } from '@/shared/view/view';
import { RATE_SOURCES } from '@/shared/view/words';
import styles from './panel.module.css';

type Explained = NonNullable<ExplainQuery['business']>['explain'];
type Day = NonNullable<ConversionsQuery['business']>['explain']['conversions'][number];

export interface OriginalsProps {
  metric: Metric;
  from: string;
  to: string;
  originals: Explained['originals'];
  currency: string;
}

export function Originals({ metric, from, to, originals, currency }: OriginalsProps) {
  const [open, setOpen] = useState<string>();
  const amount = (value: string, of: string) => (metric === 'COUNT' ? formatCount(value) : formatMoney(value, of));
  return (
    <section className={styles.block} aria-label="By original currency">
      <div className={styles.blockHead}>
        <h3>By original currency</h3>
        <span className="muted">{originals.length}</span>
      </div>
      <table className={styles.parts}>
        <tbody>
          {originals.map((one) => (
            <tr key={one.currency}>
              <th scope="row">
                {one.currency === currency ? (
                  one.currency
                ) : (
                  <button type="button" className="link" aria-expanded={open === one.currency} onClick={() => setOpen(open === one.currency ? undefined : one.currency)}>
                    {one.currency}
                  </button>
                )}
              </th>
              <td className="num muted">{one.currency === currency ? '' : amount(one.amount, one.currency)}</td>
              <td className="num">{one.value === null ? DASH : amount(one.value, currency)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {open && <ConvertedDays key={open} metric={metric} from={from} to={to} of={open} currency={currency} />}
    </section>
  );
}

function ConvertedDays({ metric, from, to, of, currency }: Omit<OriginalsProps, 'originals'> & { of: string }) {
  const { business, search, asked, asOf, today } = useView();
  const { category, account } = search;
  const variables = {
    business: business.id,
    metric,
    period: { from, to },
    currency: asked,
    of,
    ...(category !== undefined ? { category } : {}),
    ...(account ? { account } : {}),
    ...(asOf ? { asOf } : {}),
  };
  const { data, problem, at, retry } = useData(ConversionsDocument, variables, { live: !asOf });
  const days = data?.business?.explain.conversions;
  if (problem) return <Failure problem={problem} at={at} retry={retry} />;
  if (!days) return <Skeleton lines={4} />;
  return (
    <table className={styles.parts} aria-label={`${of} by day`}>
      <tbody>
        {days.map((day) => (
          <tr key={day.day}>
            <th scope="row">
              {formatDays(day.day, day.day, today)}
              <small className="muted"> {ratesOf(day, today)}</small>
            </th>
            <td className="num muted">{metric === 'COUNT' ? formatCount(day.amount) : formatMoney(day.amount, of)}</td>
            <td className="num">{day.value === null ? DASH : metric === 'COUNT' ? formatCount(day.value) : formatMoney(day.value, currency)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** "1 EUR = 1.25 USD, European Central Bank, 6 Mar, event 12". */
function ratesOf(day: Day, today: string): string {
  if (day.rates.length === 0) return 'no exchange rate';
  const told = (rate: Day['rates'][number]) =>
    `1 ${rate.base} = ${rate.rate} ${rate.quote}, ${RATE_SOURCES[rate.source]}, ${formatDays(rate.day, rate.day, today)}, event ${formatCount(rate.position)}`;
  return day.rates.map(told).join('; ');
}
