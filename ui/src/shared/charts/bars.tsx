import type { Span } from './geometry';
import styles from './bars.module.css';

export type BarTone = 'actual' | 'before' | 'good' | 'bad';

const percent = (share: number): string => `${(share * 100).toFixed(3)}%`;

/** One horizontal bar on a shared scale; decoration only, the value stands beside it as text. */
export function Bar({ span, tone = 'actual', zero }: { span: Span | null; tone?: BarTone; zero?: number | undefined }) {
  return (
    <span className={styles.track} aria-hidden="true">
      {zero !== undefined && <span className={styles.zero} style={{ left: percent(zero) }} />}
      {span && span.width > 0 && (
        <span
          className={styles.bar}
          data-tone={tone}
          style={{ left: `min(${percent(span.left)}, calc(100% - 2px))`, width: `max(2px, ${percent(span.width)})` }}
        />
      )}
    </span>
  );
}
