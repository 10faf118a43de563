import { Link } from '@tanstack/react-router';
import { formatCount, formatMany } from '@/shared/number/format';
import { rangeToken } from '@/shared/time/period';
import { Button, primaryClass } from '@/shared/ui/button';
import { useView } from '@/shared/view/view';
import { positionsOf, type Report } from './api';
import { Figures } from './figures';
import styles from './imports.module.css';
import { ReportView } from './report-view';

/** What was written, at which positions, and the way to see it. */
export function ResultStep({ report, onMore }: { report: Report; onMore: () => void }) {
  const { business } = useView();
  const positions = positionsOf(report);
  const first = report.first?.slice(0, 10);
  const last = report.last?.slice(0, 10);
  return (
    <div className={styles.preview} role="status">
      <div className={styles.verdict}>
        <p className={styles.verdictText}>
          <strong>{formatMany(report.added, 'transaction')} written</strong> from {report.file}.
        </p>
        <div className={styles.actions}>
          <Link to="/b/$business" params={{ business: business.id }} search={(last && first ? { period: last.slice(0, 7) } : {}) as never} className={primaryClass}>
            See the figures
          </Link>
          {positions && (
            <Link to="/b/$business/changes" params={{ business: business.id }} search={{ since: `p${positions.first - 1}`, ...(first && last ? { period: rangeToken(first, last) } : {}) } as never} className="link">
              What it changed
            </Link>
          )}
          <Button onClick={onMore}>Another file</Button>
        </div>
      </div>
      <div className={styles.result}>
      {positions && <Figures rows={[['Positions', `${formatCount(positions.first)} to ${formatCount(positions.last)}`]]} />}
      <ReportView report={report} written />
      </div>
    </div>
  );
}
