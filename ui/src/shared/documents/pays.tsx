/** Which invoices and bills a transaction pays: itself, or its entry in the books. Nothing is shown where it pays none. */
import { useData } from '@/shared/api/use-data';
import { type LineFragment, PaysDocument, type PaysQuery, type SettledFragment } from '@/shared/graphql/generated';
import { isZero } from '@/shared/number/decimal';
import { formatFull } from '@/shared/number/format';
import { formatDay } from '@/shared/time/moment';
import { Detail } from '@/shared/ui/details';
import { Failure } from '@/shared/ui/states';
import { useView } from '@/shared/view/view';
import styles from './documents.module.css';
import { documentName } from './words';

export function Pays({ line }: { line: Pick<LineFragment, 'id' | 'currency'> }) {
  const { business } = useView();
  const { data, problem, retry } = useData(PaysDocument, { business: business.id, transaction: line.id });
  const settles = settledWith(data?.business ?? undefined, line.id);
  if (problem && !data) {
    return (
      <Detail name="Pays">
        <Failure problem={problem} retry={retry} />
      </Detail>
    );
  }
  if (settles.length === 0) return null;
  return (
    <Detail name="Pays">
      <ul className={styles.pays} aria-label="What it pays">
        {settles.map((one, place) => (
          <li key={one.document?.id ?? place}>
            <Paid settled={one} currency={line.currency} />
          </li>
        ))}
      </ul>
    </Detail>
  );
}

/** The bank's line pays what its entry in the books pays. */
function settledWith(business: NonNullable<PaysQuery['business']> | undefined, id: string): SettledFragment[] {
  if (!business) return [];
  const own = business.transactionHistory.at(-1)?.transaction.settles ?? [];
  const legs = business.matches.nodes.flatMap((match) => match.legs).filter((leg) => leg.id !== id);
  return [...own, ...legs.flatMap((leg) => leg.transaction?.settles ?? [])];
}

function Paid({ settled: { amount, document }, currency }: { settled: SettledFragment; currency: string }) {
  if (!document) return <>{formatFull(amount, currency)} of something older than what was read</>;
  return (
    <>
      {documentName(document)} of {formatDay(document.day)}
      {document.counterparty && `, ${document.counterparty}`}: {formatFull(amount, document.currency)}
      <span className="muted">
        {' · '}
        {isZero(document.open) ? 'nothing is open' : `${formatFull(document.open, document.currency)} still open${document.due ? `, due ${formatDay(document.due)}` : ''}`}
      </span>
      {document.overdue && <strong className={styles.overdue}> overdue</strong>}
    </>
  );
}
