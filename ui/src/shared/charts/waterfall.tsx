/** What changed, by cause: start, each cause where the one before ended, end; on one scale from zero. */
import type { ReactNode } from 'react';
import type { Cause, ChangesQuery, Unit } from '@/shared/graphql/generated';
import { formatCount, formatDifference, formatFigure, toneOf } from '@/shared/number/format';
import { CAUSE_MEANING, CAUSE_NAMES } from '@/shared/view/words';
import { Bar } from './bars';
import { waterfall } from './geometry';
import styles from './waterfall.module.css';

export type ChangesData = NonNullable<ChangesQuery['business']>['changes'];

export interface WaterfallProps {
  changes: ChangesData;
  startLabel: string;
  endLabel: string;
  /** The end as a door; the start is of the past and stays text. */
  end: ReactNode;
  moreIsBetter: boolean | null;
  chosen?: Cause | undefined;
  onCause: (cause: Cause) => void;
  style?: 'exact' | 'whole';
}

const show = (value: string | null, unit: Unit, currency: string, style: 'exact' | 'whole') =>
  formatFigure(value, unit, currency, { style });

export function Waterfall(props: WaterfallProps) {
  const { changes, moreIsBetter, chosen, onCause, style = 'whole' } = props;
  const { unit, currency } = changes;
  const geometry = waterfall(
    changes.start ?? '0',
    changes.causes.map(({ cause, value }) => ({ key: cause, value })),
    changes.end ?? '0',
  );
  return (
    <table className={styles.waterfall}>
      <tbody>
        <tr>
          <th scope="row">{props.startLabel}</th>
          <td className="num">
            <strong>{show(changes.start, unit, currency, style)}</strong>
          </td>
          <td className={styles.bars}>
            <Bar span={geometry.start} tone="before" />
          </td>
        </tr>
        {changes.causes.map(({ cause, value, count }, index) => {
          const tone = toneOf(value, moreIsBetter);
          return (
            <tr key={cause} data-chosen={chosen === cause || undefined}>
              <th scope="row">
                <button
                  type="button"
                  className="link"
                  aria-pressed={chosen === undefined ? undefined : chosen === cause}
                  data-tip={`${CAUSE_NAMES[cause]}: ${CAUSE_MEANING[cause]}`}
                  onClick={() => onCause(cause)}
                >
                  {CAUSE_NAMES[cause]}
                </button>{' '}
                <span className="muted">{formatCount(count)}</span>
              </th>
              <td className={`num ${tone}`}>{formatDifference(value, unit, currency, { style })}</td>
              <td className={styles.bars}>
                <Bar span={geometry.steps[index] ?? null} tone={tone === 'neutral' ? 'actual' : tone} />
              </td>
            </tr>
          );
        })}
        <tr>
          <th scope="row">{props.endLabel}</th>
          <td className="num">{props.end}</td>
          <td className={styles.bars}>
            <Bar span={geometry.end} />
          </td>
        </tr>
      </tbody>
    </table>
  );
}
