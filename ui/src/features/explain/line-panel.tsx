import { useData } from '@/shared/api/use-data';
import { HistoryDocument } from '@/shared/graphql/generated';
import { formatMoney } from '@/shared/number/format';
import { formatDay } from '@/shared/time/moment';
import { PanelTitle } from '@/shared/ui/side-panel';
import { Failure, Skeleton } from '@/shared/ui/states';
import { lineTitle } from '@/shared/view/lines';
import { useView } from '@/shared/view/view';
import { LineDetail } from './line-detail';
import styles from './panel.module.css';

/** One transaction by itself, as opened from a list. */
export function LinePanel({ id }: { id: string }) {
  const { business, asOf } = useView();
  const { data, problem, retry } = useData(HistoryDocument, { business: business.id, id, ...(asOf ? { asOf } : {}) });
  const history = data?.business?.transactionHistory;
  const revision = history?.at(-1);
  const line = revision?.transaction;
  return (
    <>
      <PanelTitle path="Transaction">{line ? lineTitle(line) : 'Transaction'}</PanelTitle>
      {problem && <Failure problem={problem} retry={retry} />}
      {!history && !problem && <Skeleton lines={8} />}
      {history && !line && <p className="muted">This transaction is not known{asOf ? ' as of then' : ''}.</p>}
      {line && (
        <>
          <p className={styles.value}>
            {formatMoney(line.amount, line.currency)}
            <small>{line.currency}</small>
          </p>
          <p className={styles.meta}>
            {formatDay(line.day)}
            {revision.removed ? ' · taken back by its source' : ''}
          </p>
          <div className={styles.block}>
            <LineDetail line={line} />
          </div>
        </>
      )}
    </>
  );
}
