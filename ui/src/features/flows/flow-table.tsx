import type { Metric } from '@/shared/graphql/generated';
import { DASH, formatPercent, toneOf } from '@/shared/number/format';
import { isZero } from '@/shared/number/decimal';
import { endOfMonth } from '@/shared/time/days';
import { formatMonth } from '@/shared/time/period';
import { formatShortMonth } from '@/shared/time/moment';
import { Figure } from '@/shared/ui/figure';
import { useSetSearch, useView } from '@/shared/view/view';
import { categoryName } from '@/shared/view/words';
import styles from './flows.module.css';
import type { Matrix, Row } from './matrix';

export interface FlowTableProps {
  matrix: Matrix;
  metric: Metric;
  position: number;
  moreIsBetter: boolean;
}

export function FlowTable(props: FlowTableProps) {
  const { matrix } = props;
  const { period } = useView();
  const set = useSetSearch();
  const chosen = (month: string) => (period.kind === 'month' && period.from === month ? true : undefined);
  return (
    <div className={styles.scroll} tabIndex={0} role="region" aria-label="Table of categories by month">
      <table className={styles.matrix}>
        <thead>
          <tr>
            <th scope="col">Category</th>
            {matrix.months.map((month, index) => (
              <th key={month} scope="col" className="num" data-chosen={chosen(month)}>
                <button
                  type="button"
                  className={styles.month}
                  data-tip={`Show ${formatMonth(month)}${matrix.partial[index] ? ' (so far)' : ''}`}
                  onClick={() => set((search) => ({ ...search, period: month.slice(0, 7) }))}
                >
                  {formatShortMonth(month)}
                  {matrix.partial[index] ? '*' : ''}
                  {index === 0 || month.endsWith('-01-01') ? <small>{month.slice(0, 4)}</small> : null}
                </button>
              </th>
            ))}
            <th scope="col" className="num">
              Total
            </th>
            <th scope="col" className="num" aria-label="Change against the year before in percent">
              Δ %
            </th>
          </tr>
        </thead>
        <tbody>
          {matrix.rows.map((row) => (
            <FlowRow key={row.key} row={row} {...props} />
          ))}
        </tbody>
        <tfoot>
          <FlowRow row={matrix.sum} all {...props} />
        </tfoot>
      </table>
      {matrix.partial.some(Boolean) && <p className={styles.foot}>* so far</p>}
    </div>
  );
}

function FlowRow({ row, all, matrix, metric, position, moreIsBetter }: FlowTableProps & { row: Row; all?: boolean }) {
  const { currency, period } = useView();
  const { change } = row;
  const category = all ? {} : { category: row.key };
  const first = matrix.months[0] ?? '';
  const last = endOfMonth(matrix.months.at(-1) ?? first);
  return (
    <tr>
      <th scope="row">{all ? 'All' : categoryName(row.key)}</th>
      {row.cells.map((cell, index) => {
        const month = matrix.months[index] ?? first;
        return (
          <td key={month} className="num" data-chosen={period.kind === 'month' && period.from === month ? true : undefined}>
            {isZero(cell) ? (
              <span className={styles.none} data-tip="No line in this month">
                {DASH}
              </span>
            ) : (
              <Figure
                value={cell}
                currency={currency}
                style="whole"
                position={position}
                label={`${all ? 'All' : categoryName(row.key)}, ${formatMonth(month)}`}
                door={{ metric, from: month, to: endOfMonth(month), ...category }}
              />
            )}
          </td>
        );
      })}
      <td className="num">
        <Figure value={row.total} currency={currency} style="whole" position={position} strong door={{ metric, from: first, to: last, ...category }} />
      </td>
      <td className={`num ${toneOf(change, moreIsBetter)}`}>{change === null ? DASH : formatPercent(change, { signed: true })}</td>
    </tr>
  );
}
