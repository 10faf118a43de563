import { formatMoment } from '@/shared/time/moment';
import { useView } from '@/shared/view/view';
import styles from './shell.module.css';

/** Figures that get no further say so on every screen, to every member: what is missing is in the log, not lost. */
export function StandingBand() {
  const { business } = useView();
  if (!business.standsStill) return null;
  const { since, reason } = business.standsStill;
  return (
    <div className={styles.standing} role="status">
      Figures of this business stand still since {formatMoment(since, business.timeZone)}. Nothing is lost; what came since is taken in
      once whoever runs Workdock has let them go on. {reason}
    </div>
  );
}
