import type { ConnectionRowFragment } from '@/shared/graphql/generated';
import { formatCount } from '@/shared/number/format';
import { formatDay } from '@/shared/time/moment';
import styles from './sources.module.css';

/** Of the first reading, newest first: the page is of use long before it ends. */
export function Progress({ progress }: { progress: NonNullable<ConnectionRowFragment['progress']> }) {
  const { percent, transactions, pages, reached, from, accountsDone, accountsTotal } = progress;
  return (
    <div className={styles.progress}>
      <progress value={percent} max={100} aria-label="Reading the history" />
      <span className="muted">
        {percent} % · {formatCount(transactions)} transactions in {formatCount(pages)} pages
        {reached && ` · back to ${formatDay(reached)} of ${formatDay(from)}`}
        {accountsTotal > 1 && ` · ${accountsDone} of ${accountsTotal} accounts`}
      </span>
    </div>
  );
}
