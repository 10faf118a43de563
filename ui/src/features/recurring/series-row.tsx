import { useState } from 'react';
import { useData } from '@/shared/api/use-data';
import { RecurringEvidenceDocument } from '@/shared/graphql/generated';
import { formatCount, formatMoney } from '@/shared/number/format';
import { formatDay } from '@/shared/time/moment';
import { Failure, Skeleton } from '@/shared/ui/states';
import { useSetSearch, useView } from '@/shared/view/view';
import { categoryName } from '@/shared/view/words';
import styles from './recurring.module.css';
import { amountWords, everyWords, type Series } from './words';

interface Props {
  series: Series;
  change: ((series: Series, out: boolean) => void) | undefined;
}

/** Opens to the payments that it was found from. */
export function SeriesRow({ series, change }: Props) {
  const [open, setOpen] = useState(false);
  const name = series.payee ?? 'Payments without a name';
  return (
    <li>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary className={styles.row}>
          <span className={styles.name}>
            <b>{name}</b>
            <small>
              {everyWords(series)} · {categoryName(series.category)}
            </small>
          </span>
          <span className={styles.when}>
            {series.missedSince ? <strong className={styles.missed}>expected {formatDay(series.missedSince)}</strong> : series.next && `next ${formatDay(series.next)}`}
            <small>last {formatDay(series.last)}</small>
          </span>
          <span className="num">{amountWords(series)}</span>
        </summary>
        <div className={styles.found}>
          <p className="muted">
            Found from {formatCount(series.count)} payments{series.account ? ` of ${series.account.name}` : ''}, {series.certainty} % certain.
            {series.missed > 1 ? ` ${formatCount(series.missed)} did not come.` : ''}
          </p>
          {open && <Evidence id={series.id} name={name} />}
          {change && (
            <button type="button" className="link" onClick={() => change(series, !series.ruledOut)}>
              {series.ruledOut ? 'It is recurring' : 'Not recurring'}
            </button>
          )}
        </div>
      </details>
    </li>
  );
}

function Evidence({ id, name }: { id: string; name: string }) {
  const { business } = useView();
  const set = useSetSearch();
  const { data, problem, retry } = useData(RecurringEvidenceDocument, { business: business.id, id }, { live: false });
  const lines = data?.business?.recurring[0]?.evidence;
  if (problem && !lines) return <Failure problem={problem} retry={retry} />;
  if (!lines) return <Skeleton lines={3} />;
  return (
    <ul className={styles.evidence} aria-label={`Payments of ${name}`}>
      {lines.map((line) => (
        <li key={line.id}>
          <button type="button" className="link" onClick={() => set((now) => ({ ...now, tx: line.id }))}>
            {formatDay(line.day)}
          </button>
          <span className="num">{formatMoney(line.amount, line.currency)}</span>
        </li>
      ))}
    </ul>
  );
}
