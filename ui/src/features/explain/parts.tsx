import { Bar } from '@/shared/charts/bars';
import { shares } from '@/shared/charts/geometry';
import type { ExplainQuery, Metric, Unit } from '@/shared/graphql/generated';
import { formatCount, formatFigure } from '@/shared/number/format';
import { type ViewSearch } from '@/shared/view/search';
import { useSetSearch } from '@/shared/view/view';
import { categoryName } from '@/shared/view/words';
import styles from './panel.module.css';

type Part = NonNullable<ExplainQuery['business']>['explain']['parts'][number];

export interface PartsProps {
  metric: Metric;
  parts: Part[];
  unit: Unit;
  currency: string;
}

/** Narrows the open figure to a part: by its category or its account; a part without either does not open further. */
function narrow(search: ViewSearch, part: Part): ViewSearch {
  const { tx: _tx, ...rest } = search;
  return {
    ...rest,
    ...(part.category !== null ? { category: part.category } : {}),
    ...(part.account !== null ? { account: part.account } : {}),
  };
}

const opens = (part: Part): boolean => part.category !== null || part.account !== null;

export function Parts({ parts, unit, currency }: PartsProps) {
  const set = useSetSearch();
  if (parts.length < 2) return null;
  const { spans, zero } = shares(parts.map((part) => part.value));
  const mixed = zero > 0;
  const partUnit = unit === 'COUNT' ? 'COUNT' : 'MONEY';
  return (
    <section className={styles.block}>
      <div className={styles.blockHead}>
        <h3>Parts</h3>
        <span className="muted">{parts.length}</span>
      </div>
      <table className={styles.parts}>
        <tbody>
          {parts.map((part, index) => (
            <tr key={part.key}>
              <th scope="row">
                {opens(part) ? (
                  <button type="button" className="link" onClick={() => set((search) => narrow(search, part))} data-tip={`${formatCount(part.count)} transactions`}>
                    {nameOf(part)}
                  </button>
                ) : (
                  <span data-tip={`${formatCount(part.count)} transactions`}>{nameOf(part)}</span>
                )}
              </th>
              <td className="num">{formatFigure(part.value, partUnit, currency)}</td>
              <td className={styles.bars}>
                <Bar span={spans[index] ?? null} zero={mixed ? zero : undefined} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const nameOf = (part: Part): string => (part.category !== null && part.label === part.category ? categoryName(part.category) : part.label);
