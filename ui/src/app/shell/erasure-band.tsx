import { Link } from '@tanstack/react-router';
import { formatMoment } from '@/shared/time/moment';
import { may } from '@/shared/view/roles';
import { useView } from '@/shared/view/view';
import styles from './shell.module.css';

/** A business that is to be erased says so on every screen, to every member. */
export function ErasureBand() {
  const { business } = useView();
  if (!business.erasure) return null;
  return (
    <div className={styles.erasing} role="status">
      <span>
        {business.name} is erased on {formatMoment(business.erasure.dueAt, business.timeZone)}. Nothing more comes into it.
      </span>
      {may(business.viewerRole, 'erase') && (
        <Link to="/b/$business/settings" params={{ business: business.id }} hash="erasure">
          Keep it
        </Link>
      )}
    </div>
  );
}
