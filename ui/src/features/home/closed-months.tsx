/** Months that were closed and are otherwise by now: whoever relies on a report learns it where they look first. */
import { Link } from '@tanstack/react-router';
import { useData } from '@/shared/api/use-data';
import { ClosedMonthsDocument } from '@/shared/graphql/generated';
import { formatMonth } from '@/shared/time/period';
import { useView } from '@/shared/view/view';
import styles from './home.module.css';

/** Months that are named; the others are seen among the reports. */
const MOST = 2;

export function ClosedMonths() {
  const { business, asOf } = useView();
  // How a closed month stands is known of now alone.
  const { data } = useData(ClosedMonthsDocument, { business: business.id }, { live: false, pause: asOf !== undefined });
  const moved = (data?.business?.months ?? []).filter(({ state, differences }) => state === 'CLOSED' && differences.length > 0);
  if (asOf || moved.length === 0) return null;
  const params = { business: business.id };
  return (
    <p className={styles.complete} role="note" aria-label="Closed months">
      {moved.slice(0, MOST).map(({ month }, index) => (
        <span key={month}>
          {index > 0 && (moved.length > MOST ? ', ' : ' and ')}
          <Link to="/b/$business/reports" params={params} search={{ month } as never}>
            {formatMonth(`${month}-01`)}
          </Link>
        </span>
      ))}
      {moved.length > MOST && ` and ${moved.length - MOST} more`} {moved.length === 1 ? 'is otherwise since it was closed.' : 'are otherwise since they were closed.'}
    </p>
  );
}
