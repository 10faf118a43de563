import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useLines } from '@/shared/api/use-lines';
import type { Metric } from '@/shared/graphql/generated';
import { formatCount } from '@/shared/number/format';
import { rangeToken } from '@/shared/time/period';
import { Failure, Skeleton } from '@/shared/ui/states';
import { linesOf } from '@/shared/view/metric-lines';
import { ofLines } from '@/shared/view/resolve';
import { keepTime } from '@/shared/view/search';
import { useSetSearch, useView } from '@/shared/view/view';
import { countedOf } from '@/shared/split/drafts';
import { LineRow } from './line-row';
import styles from './panel.module.css';

/** So many at first: what the figure was known as before stays in reach below them. */
const FIRST = 6;
const PAGE = 50;

/** The transactions behind the figure, largest first or by day, each opening to its event. */
export function FigureLines({ metric, from, to, count }: { metric: Metric; from: string; to: string; count: number }) {
  const view = useView();
  const { business, search, asOf, standing } = view;
  const set = useSetSearch();
  const filter = linesOf(metric, from, to, business.firstDay, standing);
  const byDay = search.order === 'day';
  const { category, account } = search;
  const found = useLines(
    {
      business: business.id,
      period: { from: filter.from, to: filter.to },
      ...ofLines(view),
      order: byDay ? 'DAY' : 'AMOUNT',
      ...(filter.kinds ? { kinds: filter.kinds } : {}),
      ...(filter.sign ? { sign: filter.sign } : {}),
      ...(category !== undefined ? { category } : {}),
      ...(account ? { account } : {}),
      ...(asOf ? { asOf } : {}),
    },
    { pageSize: PAGE, live: !asOf },
  );
  const [all, setAll] = useState(false);
  const open = found.items.findIndex((line) => line.id === search.tx);
  const lines = all ? found.items : found.items.slice(0, Math.max(FIRST, open + 1));
  const rest = count - lines.length;
  const more = () => (all || found.items.length <= lines.length ? found.more() : setAll(true));
  return (
    <section className={styles.block}>
      <div className={styles.blockHead}>
        <h3>Transactions</h3>
        <button
          type="button"
          className="link muted"
          onClick={() => set(({ order: _order, ...now }) => (byDay ? now : { ...now, order: 'day' }), { replace: true })}
          data-tip="Change the order"
        >
          {byDay ? 'by day' : 'largest first'}
        </button>
      </div>
      {found.problem && <Failure problem={found.problem} retry={found.refresh} />}
      {lines.length === 0 && found.loading && <Skeleton lines={Math.min(6, Math.max(1, count))} />}
      {lines.length === 0 && !found.loading && !found.problem && <p className="muted">None in this period.</p>}
      <ul>
        {lines.map((line) => (
          <LineRow key={line.id} line={line} counted={countedOf(line, { kinds: filter.kinds, category })} />
        ))}
      </ul>
      {lines.length > 0 && (
        <p className={styles.more}>
          {(found.hasNext || found.items.length > lines.length) && (
            <button type="button" className="link" onClick={more} disabled={found.loading}>
              {found.loading ? 'Loading…' : rest > 0 ? `${formatCount(rest)} more` : 'More'}
            </button>
          )}
          <Link
            to="/b/$business/transactions"
            params={{ business: business.id }}
            search={
              {
                ...keepTime(search),
                period: rangeToken(filter.from, filter.to),
                ...(category !== undefined ? { incategory: category } : {}),
                ...(account ? { inaccount: account } : {}),
                ...(byDay ? {} : { largest: true }),
              } as never
            }
            className="link"
          >
            Open as list
          </Link>
        </p>
      )}
    </section>
  );
}
