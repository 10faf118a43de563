import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useData } from '@/shared/api/use-data';
import { Bar } from '@/shared/charts/bars';
import { shares } from '@/shared/charts/geometry';
import { SeriesDocument } from '@/shared/graphql/generated';
import { formatCount } from '@/shared/number/format';
import { Figure } from '@/shared/ui/figure';
import { LacksRate, whole } from '@/shared/ui/lacks-rate';
import { Section } from '@/shared/ui/section';
import { Empty, Failure, Skeleton } from '@/shared/ui/states';
import { totalsByKey } from '@/shared/view/categories';
import { keepTime } from '@/shared/view/search';
import { useView } from '@/shared/view/view';
import { categoryName } from '@/shared/view/words';
import styles from './home.module.css';

const SHOWN = 7;

/** Where the money came from or went to in the period: the largest categories of one side. */
export function CategoriesSection({ side }: { side: 'in' | 'out' }) {
  const { business, period, currency, asked, asOf, search } = useView();
  const variables = {
    business: business.id,
    period: { from: period.from, to: period.to },
    bucket: 'MONTH' as const,
    by: 'CATEGORY' as const,
    currency: asked,
    ...(asOf ? { asOf } : {}),
  };
  const { data, problem, at, retry } = useData(SeriesDocument, variables, { live: !asOf, keep: true });
  const told = data?.business?.series;
  const series = whole(told);
  const all = useMemo(
    () => (series ? totalsByKey(series.points, side === 'in' ? (point) => point.cashIn ?? '0' : (point) => point.cashOut ?? '0') : undefined),
    [series, side],
  );
  const rows = all?.slice(0, SHOWN);
  const { spans } = shares(rows?.map((row) => row.value) ?? []);
  const metric = side === 'in' ? 'CASH_IN' : 'CASH_OUT';
  const title = side === 'in' ? 'Where money came from' : 'Where money went';
  return (
    <Section id={`categories-${side}`} title={title} note={`${currency}, by category, without settlements and own transfers`}>
      {problem && <Failure problem={problem} at={at} retry={retry} />}
      <LacksRate lacking={told?.lacking} />
      {!rows && !told && !problem && <Skeleton lines={SHOWN} />}
      {rows?.length === 0 && <Empty title={side === 'in' ? 'No money came in.' : 'No money went out.'} />}
      {rows && rows.length > 0 && (
        <table className={styles.parts}>
          <tbody>
            {rows.map((row, index) => (
              <tr key={row.key}>
                <th scope="row">{categoryName(row.key)}</th>
                <td className="num">
                  <Figure value={row.value} currency={currency} style="whole" position={series?.known.position} label={categoryName(row.key)} door={{ metric, category: row.key }} />
                </td>
                <td className={styles.bars}>
                  <Bar span={spans[index] ?? null} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {all && all.length > SHOWN && (
        <p className={styles.foot}>
          {formatCount(all.length - SHOWN)} more ·{' '}
          <Link to={side === 'in' ? '/b/$business/money-in' : '/b/$business/money-out'} params={{ business: business.id }} search={keepTime(search) as never} className="link">
            All by month
          </Link>
        </p>
      )}
    </Section>
  );
}
