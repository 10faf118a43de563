/** Long lists: only the rows in view exist, j and k walk them, Enter opens one, and more are read before the end comes. */
import { useWindowVirtualizer, type VirtualItem } from '@tanstack/react-virtual';
import { type ReactNode, type RefObject, useCallback, useEffect, useState } from 'react';
import type { Pages } from '@/shared/api/use-pages';
import styles from './rows.module.css';
import { useListKeys } from './use-list-keys';

/** Rows that are left below when the next page is asked for. */
const AHEAD = 30;

interface Listed extends Pick<Pages<unknown>, 'hasNext' | 'loading' | 'more'> {
  count: number;
  /** Of one row, in pixels. */
  height: number;
}

export function useRows(box: RefObject<HTMLDivElement | null>, { count, height, hasNext, loading, more }: Listed) {
  const [top, setTop] = useState(0);
  const [current, setCurrent] = useState<number | null>(null);
  useEffect(() => {
    setTop(box.current ? box.current.getBoundingClientRect().top + window.scrollY : 0);
  }, [box, count]);
  const virtual = useWindowVirtualizer({ count, estimateSize: () => height, overscan: 12, scrollMargin: top });
  useEffect(() => virtual.measure(), [virtual, height]);
  const shown = virtual.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasNext && !loading && last >= count - AHEAD) more();
  }, [hasNext, loading, last, count, more]);
  const focusRow = useCallback(
    (index: number) => {
      setCurrent(index);
      virtual.scrollToIndex(index, { align: 'auto' });
      requestAnimationFrame(() => {
        const row = box.current?.querySelector<HTMLElement>(`[data-index="${index}"]`);
        row?.focus({ preventScroll: true });
        // The list's head stays over its rows: it hides none that has the focus.
        row?.scrollIntoView({ block: 'nearest' });
      });
    },
    [box, virtual],
  );
  useListKeys(count, focusRow, current);
  /** What a row needs of its place. */
  const place = (item: VirtualItem): RowPlace => ({ index: item.index, y: item.start - top, height, onFocus: setCurrent });
  return { shown, total: virtual.getTotalSize(), place };
}

export interface RowPlace {
  index: number;
  y: number;
  height: number;
  onFocus: (index: number) => void;
}

export function RowsHead({ className, columns, before }: { className: string | undefined; columns: readonly string[]; before?: ReactNode }) {
  const last = columns.length - 1;
  return (
    <div className={`${styles.head} ${className}`} role="row">
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
      style={{ transform: `translateY(${y}px)`, height }}
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

/** Under the last row. `all` is said when there are no more. */
export function RowsFoot({ loading, hasNext, all }: { loading: boolean; hasNext: boolean; all: string }) {
  return <p className={styles.foot}>{loading ? 'Loading more…' : hasNext ? '' : all}</p>;
}
