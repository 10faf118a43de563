/** A list of transactions that stays light with ten thousand of them: only the rows in view exist. */
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Lines } from '@/shared/api/use-lines';
import type { LineFragment } from '@/shared/graphql/generated';
import { formatFull, formatMoney } from '@/shared/number/format';
import { formatShortDay } from '@/shared/time/moment';
import { Skeleton } from '@/shared/ui/states';
import { lineTitle } from '@/shared/view/lines';
import { useSetSearch, useView } from '@/shared/view/view';
import { CAUSE_NAMES, categoryName } from '@/shared/view/words';
import styles from './line-list.module.css';
import { useListKeys } from './use-list-keys';

const ROW = 33;
const TOUCH_ROW = 53;

export function LineList({ found }: { found: Lines }) {
  const { lines, hasNext, loading, more } = found;
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [current, setCurrent] = useState<number | null>(null);
  const [row] = useState(() => (window.matchMedia('(max-width: 699px)').matches ? TOUCH_ROW : ROW));
  useEffect(() => {
    setTop(box.current ? box.current.getBoundingClientRect().top + window.scrollY : 0);
  }, [lines.length]);
  const virtual = useWindowVirtualizer({ count: lines.length, estimateSize: () => row, overscan: 12, scrollMargin: top });
  const items = virtual.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasNext && !loading && lastShown >= lines.length - 30) more();
  }, [hasNext, loading, lastShown, lines.length, more]);

  const focusRow = useCallback(
    (index: number) => {
      setCurrent(index);
      virtual.scrollToIndex(index, { align: 'auto' });
      requestAnimationFrame(() => box.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus({ preventScroll: true }));
    },
    [virtual],
  );
  useListKeys(lines.length, focusRow, current);

  return (
    <div className={styles.list} ref={box} role="table" aria-label="Transactions" aria-rowcount={hasNext ? -1 : lines.length}>
      <div className={styles.head} role="row">
        <span role="columnheader">Day</span>
        <span role="columnheader">What</span>
        <span role="columnheader">Category</span>
        <span role="columnheader">Account</span>
        <span role="columnheader" className="num">
          Amount
        </span>
      </div>
      {lines.length === 0 && loading && <Skeleton lines={14} />}
      <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {items.map((item) => {
          const line = lines[item.index];
          return line ? (
            <Row key={line.id + item.index} line={line} index={item.index} y={item.start - top} height={row} onFocus={setCurrent} />
          ) : null;
        })}
      </div>
      {lines.length > 0 && <p className={styles.foot}>{loading ? 'Loading more…' : hasNext ? '' : 'That is all of them.'}</p>}
    </div>
  );
}

interface RowProps {
  line: LineFragment;
  index: number;
  y: number;
  height: number;
  onFocus: (index: number) => void;
}

function Row({ line, index, y, height, onFocus }: RowProps) {
  const { search, today } = useView();
  const set = useSetSearch();
  const open = () => set(({ open: _o, of: _of, category: _c, account: _a, order: _or, ...now }) => ({ ...now, tx: line.id }), { replace: search.tx !== undefined });
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      tabIndex={0}
      data-index={index}
      data-open={search.tx === line.id || undefined}
      className={styles.row}
      style={{ transform: `translateY(${y}px)`, height }}
      onFocus={() => onFocus(index)}
      onClick={open}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        open();
      }}
    >
      <span role="cell" className="muted">
        {formatShortDay(line.day, today)}
      </span>
      <span role="cell" className={styles.what}>
        {lineTitle(line)}
        {line.description && line.counterparty && <span className="muted"> · {line.counterparty}</span>}
        {line.cause !== 'NEW' && <span className={styles.cause}>{CAUSE_NAMES[line.cause].toLowerCase()}</span>}
      </span>
      <span role="cell" className="muted">
        {categoryName(line.category)}
      </span>
      <span role="cell" className="muted">
        {line.account.name}
      </span>
      <span role="cell" className="num" data-tip={formatFull(line.amount, line.currency)}>
        {formatMoney(line.amount, line.currency)}
      </span>
    </div>
  );
}
