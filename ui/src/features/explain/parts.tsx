import { Bar } from '@/shared/charts/bars';
import { shares } from '@/shared/charts/geometry';
import type { ExplainQuery, Metric } from '@/shared/graphql/generated';
import { formatCount, formatMoney } from '@/shared/number/format';
import { endOfMonth } from '@/shared/time/days';
import { formatMonth, rangeToken } from '@/shared/time/period';
import type { ViewSearch } from '@/shared/view/search';
import { useSetSearch } from '@/shared/view/view';
import { categoryName, KIND_NAMES } from '@/shared/view/words';
import styles from './panel.module.css';

export type Part = NonNullable<ExplainQuery['business']>['explain']['parts'][number];

/** What a quotient is made of are figures themselves: its parts open as such. */
const OPERANDS: Partial<Record<string, Metric>> = { profit: 'PROFIT', revenue: 'REVENUE', balance: 'BALANCE', burn_rate: 'BURN_RATE' };

const MONTH = /^\d{4}-\d{2}$/;

/** Where a part leads: a narrower or another figure; null where it goes no further. */
export function searchOfPart(search: ViewSearch, part: Part): ViewSearch | null {
  const { tx: _tx, ...rest } = search;
  if (part.category !== null) return { ...rest, category: part.category };
  if (part.account !== null) return { ...rest, account: part.account };
  if (MONTH.test(part.key)) return { ...rest, open: 'CASH_NET', of: rangeToken(`${part.key}-01`, endOfMonth(`${part.key}-01`)) };
  const metric = OPERANDS[part.key];
  return metric ? { ...rest, open: metric } : null;
}

/** Counts stand among amounts: of a count, and the number of sales under an average. */
const isNumber = (metric: Metric, part: Part): boolean => metric === 'COUNT' || part.key === 'number_of_sales';

export function Parts({ metric, parts, currency }: { metric: Metric; parts: Part[]; currency: string }) {
  const set = useSetSearch();
  if (parts.length < 2) return null;
  const { spans, zero } = shares(parts.map((part) => (isNumber(metric, part) && metric !== 'COUNT' ? null : part.value)));
  const names = parts.map(nameOf);
  return (
    <section className={styles.block}>
      <div className={styles.blockHead}>
        <h3>Parts</h3>
        <span className="muted">{parts.length}</span>
      </div>
      <table className={styles.parts}>
        <tbody>
          {parts.map((part, index) => {
            // One category may hold several kinds: then the kind is told.
            const twice = names.filter((name) => name === names[index]).length > 1;
            const name = `${names[index]}${twice && part.kind ? `, ${KIND_NAMES[part.kind].toLowerCase()}` : ''}`;
            const tip = `${formatCount(part.count)} transactions`;
            const opens = searchOfPart({}, part) !== null;
            return (
              <tr key={part.key}>
                <th scope="row">
                  {opens ? (
                    <button type="button" className="link" onClick={() => set((search) => searchOfPart(search, part) ?? search)} data-tip={tip}>
                      {name}
                    </button>
                  ) : (
                    <span data-tip={tip}>{name}</span>
                  )}
                </th>
                <td className="num">{isNumber(metric, part) ? formatCount(part.value) : formatMoney(part.value, currency)}</td>
                <td className={styles.bars}>
                  <Bar span={spans[index] ?? null} zero={zero > 0 ? zero : undefined} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function nameOf(part: Part): string {
  if (part.category !== null) return categoryName(part.category);
  return MONTH.test(part.key) ? formatMonth(`${part.key}-01`) : part.label;
}
