import type { ExplainQuery, Metric, Unit } from '@/shared/graphql/generated';
import { formatCount, formatFigure } from '@/shared/number/format';
import { formatMoment } from '@/shared/time/moment';
import { useSetSearch, useView } from '@/shared/view/view';
import { CAUSE_NAMES } from '@/shared/view/words';
import styles from './panel.module.css';

type Known = NonNullable<ExplainQuery['business']>['explain']['history'];

/** The figure as it was known before, newest first: each entry opens the page as of that position. */
export function KnownOverTime({ history, unit, currency }: { metric: Metric; history: Known; unit: Unit; currency: string }) {
  const { business, asOf } = useView();
  const set = useSetSearch();
  if (history.length === 0) return null;
  return (
    <section className={styles.block}>
      <div className={styles.blockHead}>
        <h3>Known over time</h3>
      </div>
      <ol className={styles.known}>
        {history.map((entry, index) => (
          // By place: when a newer entry comes, the words change and no row moves.
          <li key={index}>
            <button
              type="button"
              className="link muted"
              data-tip="See the page as known then"
              onClick={() => set((now) => ({ ...now, known: `p${entry.known.position}` }))}
            >
              {index === 0 && !asOf ? 'now' : entry.known.at ? formatMoment(entry.known.at, business.timeZone) : `position ${formatCount(entry.known.position)}`}
            </button>
            <span className="muted">{entry.cause ? CAUSE_NAMES[entry.cause].toLowerCase() : ''}</span>
            <span className="num">{formatFigure(entry.value, unit, currency)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
