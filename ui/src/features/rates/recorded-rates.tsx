import type { RatesQuery } from '@/shared/graphql/generated';
import { formatCount } from '@/shared/number/format';
import { formatDays } from '@/shared/time/period';
import { RATE_SOURCES } from '@/shared/view/words';
import styles from './rates.module.css';

export type Recorded = NonNullable<RatesQuery['business']>['exchangeRates'][number];

export function RecordedRates({ rates, today }: { rates: readonly Recorded[]; today: string }) {
  if (rates.length === 0) return <p className="muted">None yet.</p>;
  return (
    <div className={styles.scroll} tabIndex={0} role="region" aria-label="Recorded rates">
      <table className={styles.rates}>
        <thead>
          <tr>
            <th scope="col">Day</th>
            <th scope="col" className="num">
              Rate
            </th>
            <th scope="col">Source</th>
          </tr>
        </thead>
        <tbody>
          {rates.map((rate) => (
            <tr key={`${rate.day} ${rate.base} ${rate.quote}`}>
              <th scope="row">{formatDays(rate.day, rate.day, today)}</th>
              <td className="num">
                1 {rate.base} = {rate.rate} {rate.quote}
              </td>
              <td data-tip={`Event ${formatCount(rate.position)}`}>
                {RATE_SOURCES[rate.source]}
                {rate.replaced !== null && <span className="muted">, before: {rate.replaced}</span>}
                {rate.note && <span className="muted"> · {rate.note}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
