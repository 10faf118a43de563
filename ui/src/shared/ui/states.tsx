/** Loading, failed and empty: of the final size, and saying what happened, what is lost and what to do. */
import type { ReactNode } from 'react';
import { useConnection } from '@/shared/api/connection';
import type { Problem } from '@/shared/api/problem';
import { formatTime } from '@/shared/time/moment';
import styles from './states.module.css';

export function Skeleton({ height, width, lines }: { height?: number; width?: string; lines?: number }) {
  if (lines) {
    return (
      <div aria-hidden="true">
        {Array.from({ length: lines }, (_, index) => (
          <div key={index} className={styles.row} style={{ height: height ?? 32 }}>
            <span className={styles.bone} style={{ width: `${72 - ((index * 17) % 40)}%` }} />
          </div>
        ))}
      </div>
    );
  }
  return <div className={styles.block} style={{ height, width }} aria-hidden="true" />;
}

const ADVICE: Record<Problem['kind'], string> = {
  'signed-out': 'Sign in again; what you were looking at is kept in the address.',
  unreachable: 'Nothing was lost. The page goes on trying; see whether `workdock up` is running.',
  refused: 'Nothing was changed.',
  server: 'Nothing was changed. Try again; if it stays, the server’s log says more.',
};

export interface FailureProps {
  problem: Problem;
  /** The figures still on screen are of this time. */
  at?: number | undefined;
  retry?: (() => void) | undefined;
  /** What to do about it, where the situation has other words for that; empty: the problem says it all. */
  advice?: string;
}

export function Failure({ problem, at, retry, advice = ADVICE[problem.kind] }: FailureProps) {
  const { state } = useConnection();
  // The band of the lost line says it for the whole screen, once, and moves none of the figures that are on it.
  if (state === 'lost' && problem.kind === 'unreachable' && at !== undefined) return null;
  return (
    <div className={styles.failure} role="alert">
      <strong>{problem.text}</strong>{' '}
      <span>
        {problem.kind === 'unreachable' ? ADVICE.unreachable : advice}
        {at ? ` The figures shown are of ${formatTime(new Date(at))}.` : ''}
      </span>
      {retry && (
        <button type="button" className="link" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

export interface EmptyProps {
  title: string;
  /** It is all that the screen shows: its title is the screen's. */
  whole?: boolean;
  children?: ReactNode;
  action?: ReactNode;
}

export function Empty({ title, whole = false, children, action }: EmptyProps) {
  const Title = whole ? 'h1' : 'p';
  return (
    <div className={styles.empty}>
      <Title className={styles.emptyTitle}>{title}</Title>
      {children && <div className="muted">{children}</div>}
      {action && <div className={styles.action}>{action}</div>}
    </div>
  );
}
