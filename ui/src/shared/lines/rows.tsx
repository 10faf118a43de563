/** Long lists: only the rows in view exist, j and k walk them, Enter opens one, and more are read before the end comes. */
import { useWindowVirtualizer, type VirtualItem } from '@tanstack/react-virtual';
import { type ReactNode, type RefObject, useCallback, useEffect, useState } from 'react';
import type { Listing } from '@/shared/api/use-long-list';
import { formatCount } from '@/shared/number/format';
import { Failure, Skeleton } from '@/shared/ui/states';
import styles from './rows.module.css';
import { useListKeys } from './use-list-keys';
import { useStandStill } from './use-stand-still';
import { useRowFocus } from './use-row-focus';

/** What browsers lay out at most, in pixels: Firefox half of what the others do. */
const TALLEST = globalThis.CSS?.supports?.('-moz-appearance', 'none') ? 17_800_000 : 33_500_000;

interface Listed<Item> {
  found: Listing<Item>;
  /** What tells a row from all others. */
  keyOf: (item: Item) => string | number;
  /** Of one row, in pixels. */
  height: number;
}

export function useRows<Item>(box: RefObject<HTMLDivElement | null>, { found, keyOf, height }: Listed<Item>) {
  const { at, look } = found;
  const count = Math.min(found.count, Math.floor(TALLEST / height));
  const [top, setTop] = useState(0);
  useEffect(() => {
    setTop(box.current ? box.current.getBoundingClientRect().top + window.scrollY : 0);
  }, [box, count]);
  const virtual = useWindowVirtualizer({ count, estimateSize: () => height, overscan: 12, scrollMargin: top });
  useEffect(() => virtual.measure(), [virtual, height]);
  const shown = virtual.getVirtualItems();
  const first = shown[0]?.index ?? 0;
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => look(first, last), [look, first, last]);
  const keyAt = useCallback(
    (index: number) => {
      const item = at(index);
      return item === undefined ? undefined : keyOf(item);
    },
    [at, keyOf],
  );
  useStandStill(keyAt, top, height);
  const { focusRow, current, onFocus } = useRowFocus(box, virtual);
  useListKeys(count, focusRow, current);
  /** What a row needs of its place. */
  const place = (item: VirtualItem): RowPlace => ({ index: item.index, y: item.start - top, height, onFocus });
  return { shown, count, isCut: count < found.count, total: virtual.getTotalSize(), place };
}

export interface RowPlace {
  index: number;
  y: number;
  height: number;
  onFocus: (index: number) => void;
}

interface RowListProps<Item> extends Listed<Item> {
  label: string;
  box: RefObject<HTMLDivElement | null>;
  /** Takes the box as well, where it is measured. */
  attach?: (element: HTMLDivElement | null) => void;
  className?: string | undefined;
  head: ReactNode;
  row: (item: Item, place: RowPlace) => ReactNode;
  /** Said under the last row. */
  end: string;
}

/** The table itself. Its head is the first row of those that are counted. */
export function RowList<Item>({ label, box, attach, className, head, row, end, ...listed }: RowListProps<Item>) {
  const { found } = listed;
  const rows = useRows(box, listed);
  return (
    <div ref={attach ?? box} role="table" aria-label={label} className={className} aria-rowcount={found.hasNext ? -1 : found.count + 1}>
      {head}
      {rows.count === 0 && found.loading && <Skeleton lines={14} />}
      <div role="rowgroup" className={styles.rows} style={{ height: rows.total }}>
        {rows.shown.map((item) => {
          const one = found.at(item.index);
          return one === undefined ? <Awaited key={item.index} place={rows.place(item)} /> : row(one, rows.place(item));
        })}
      </div>
      {found.problem && rows.count > 0 && (
        <div className={styles.failed}>
          <Failure problem={found.problem} retry={found.retry} />
        </div>
      )}
      {rows.count > 0 && <p className={styles.foot}>{footOf(found, rows, end)}</p>}
    </div>
  );
}

function footOf({ hasNext, loading }: Listing<unknown>, { count, isCut }: { count: number; isCut: boolean }, end: string): string {
  if (isCut) return `These are the first ${formatCount(count)}. Narrow the list to see the others.`;
  if (!hasNext) return end;
  return loading ? 'Loading more…' : '';
}

/** Stands for a row that is being read. */
function Awaited({ place: { index, y, height } }: { place: RowPlace }) {
  return (
    <div role="row" aria-rowindex={index + 2} aria-busy="true" className={styles.awaited} style={{ top: y, height }}>
      <span role="cell" className="sr">
        Being read
      </span>
    </div>
  );
}

export function RowsHead({ className, columns, before }: { className: string | undefined; columns: readonly string[]; before?: ReactNode }) {
  const last = columns.length - 1;
  return (
    <div className={`${styles.head} ${className}`} role="row" aria-rowindex={1}>
      {before}
      {columns.map((column, at) => (
        <span key={column} role="columnheader" className={at === last ? 'num' : undefined}>
          {column}
        </span>
      ))}
    </div>
  );
}

interface RowProps {
  place: RowPlace;
  className: string | undefined;
  isOpen: boolean;
  isRefused?: boolean;
  open: () => void;
  /** Ticks it, where lines can be ticked: x. */
  pick?: (() => void) | undefined;
  children: ReactNode;
}

export function Row({ place: { index, y, height, onFocus }, className, isOpen, isRefused = false, open, pick, children }: RowProps) {
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      tabIndex={0}
      data-index={index}
      data-open={isOpen || undefined}
      data-refused={isRefused || undefined}
      className={`${styles.row} ${className}`}
      style={{ top: y, height }}
      onFocus={() => onFocus(index)}
      onClick={open}
      onKeyDown={(event) => {
        if (event.key === 'x' && pick) pick();
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        open();
      }}
    >
      {children}
    </div>
  );
}
