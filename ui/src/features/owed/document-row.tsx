import { documentName } from '@/shared/documents/words';
import type { OwedQuery } from '@/shared/graphql/generated';
import { formatCount, formatFull } from '@/shared/number/format';
import { formatDay } from '@/shared/time/moment';
import { EventLink } from '@/shared/ui/event-link';
import { useSetSearch } from '@/shared/view/view';
import styles from './owed.module.css';

export type Document = NonNullable<OwedQuery['business']>['documents']['nodes'][number];

/** Opens to what was paid of it. */
export function DocumentRow({ document }: { document: Document }) {
  const { currency, due, overdue } = document;
  const credit = document.kind === 'CREDIT_MEMO' || document.kind === 'VENDOR_CREDIT';
  return (
    <li>
      <details>
        <summary className={styles.row}>
          <span className={styles.name}>
            <b>{document.counterparty ?? documentName(document)}</b>
            <small>
              {documentName(document)} · {formatDay(document.day)}
            </small>
          </span>
          <span className={styles.when}>
            {due && (overdue ? <strong className={styles.overdue}>due {formatDay(due)}, overdue</strong> : `due ${formatDay(due)}`)}
            {credit && 'to be taken off'}
          </span>
          <span className="num">{formatFull(credit ? `-${document.open}` : document.open, currency)}</span>
        </summary>
        <div className={styles.found}>
          <p className="muted">
            {formatFull(document.open, currency)} of {formatFull(document.total, currency)} is open.
            {document.memo && ` ${document.memo}`} The books say so since{' '}
            <EventLink position={document.position}>position {formatCount(document.position)}</EventLink>.
          </p>
          <Payments document={document} />
        </div>
      </details>
    </li>
  );
}

function Payments({ document }: { document: Document }) {
  const set = useSetSearch();
  if (document.paidBy.length === 0) return null;
  return (
    <ul className={styles.payments} aria-label={`Payments of ${documentName(document)}`}>
      {document.paidBy.map(({ transaction, amount }) => (
        <li key={transaction}>
          <button type="button" className="link" onClick={() => set((now) => ({ ...now, tx: transaction }))}>
            {formatFull(amount, document.currency)} paid with this transaction
          </button>
        </li>
      ))}
    </ul>
  );
}
