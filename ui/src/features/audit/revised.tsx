/** What an event did to transactions: each as it was before it, and as it is since. */
import { useData } from '@/shared/api/use-data';
import { type RevisedQuery, RevisedDocument } from '@/shared/graphql/generated';
import { formatCount } from '@/shared/number/format';
import { Failure, Skeleton } from '@/shared/ui/states';
import { lineDifference, lineTitle } from '@/shared/view/lines';
import { useSetSearch, useView } from '@/shared/view/view';
import styles from './audit.module.css';

type Revision = NonNullable<RevisedQuery['business']>['revised']['transactions'][number];

const LISTED = 40;

export function Revised({ position }: { position: number }) {
  const { business } = useView();
  const { data, problem, retry } = useData(RevisedDocument, { business: business.id, position, first: LISTED }, { live: false });
  const found = data?.business?.revised;
  if (found?.count === 0) return null;
  return (
    <section className={styles.block}>
      <h3>
        Transactions that it changed{found && found.count > 1 && <span className="muted"> {formatCount(found.count)}</span>}
      </h3>
      {problem && <Failure problem={problem} retry={retry} />}
      {!found && !problem && <Skeleton lines={2} />}
      {found && (
        <ul className={styles.revised}>
          {found.transactions.map((revision) => (
            <Line key={(revision.after ?? revision.before)?.id} revision={revision} />
          ))}
        </ul>
      )}
      {found && found.count > found.transactions.length && <p className="muted">and {formatCount(found.count - found.transactions.length)} more</p>}
    </section>
  );
}

function Line({ revision: { before, after } }: { revision: Revision }) {
  const set = useSetSearch();
  const line = after ?? before;
  if (!line) return null;
  return (
    <li>
      <button type="button" className="link" data-tip="Open the transaction" onClick={() => set(({ event: _event, ...now }) => ({ ...now, tx: line.id }))}>
        {lineTitle(line)}
      </button>
      : {after ? `${before ? '' : 'new, '}${lineDifference(before, after)}` : `taken back; it was ${lineDifference(null, line)}`}
    </li>
  );
}
