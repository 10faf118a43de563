/** Rows of the history: only those in view exist, j and k walk them, Enter opens one. */
import { useElementSize, useMergedRef } from '@mantine/hooks';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Pages } from '@/shared/api/use-pages';
import type { AuditRowFragment } from '@/shared/graphql/generated';
import { useListKeys } from '@/shared/lines/use-list-keys';
import { formatMoment } from '@/shared/time/moment';
import { Skeleton } from '@/shared/ui/states';
import { useSetSearch, useView } from '@/shared/view/view';
import styles from './audit.module.css';
import { useNames } from './use-names';
import { isRefusal } from './words';

const ROW = 33;
const TOUCH_ROW = 56;
/** As in the style sheet: below it a row is two lines. */
const NARROW = 560;

export function EventList({ found }: { found: Pages<AuditRowFragment> }) {
  const { items, hasNext, loading, more } = found;
  const names = useNames();
  const box = useRef<HTMLDivElement>(null);
  const { ref: measured, width } = useElementSize();
  const attach = useMergedRef(box, measured);
  const [top, setTop] = useState(0);
  const [current, setCurrent] = useState<number | null>(null);
  const row = width <= NARROW ? TOUCH_ROW : ROW;
  useEffect(() => {
    setTop(box.current ? box.current.getBoundingClientRect().top + window.scrollY : 0);
  }, [items.length]);
  const virtual = useWindowVirtualizer({ count: items.length, estimateSize: () => row, overscan: 12, scrollMargin: top });
  useEffect(() => virtual.measure(), [virtual, row]);
  const shown = virtual.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasNext && !loading && last >= items.length - 30) more();
  }, [hasNext, loading, last, items.length, more]);
  const focusRow = useCallback(
    (index: number) => {
      setCurrent(index);
      virtual.scrollToIndex(index, { align: 'auto' });
      requestAnimationFrame(() => box.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus({ preventScroll: true }));
    },
    [virtual],
  );
  useListKeys(items.length, focusRow, current);
  return (
    <div className={styles.list} ref={attach} role="table" aria-label="Audit history" aria-rowcount={hasNext ? -1 : items.length}>
      <div className={styles.head} role="row">
        <span role="columnheader">When</span>
        <span role="columnheader">Who</span>
        <span role="columnheader">What</span>
        <span role="columnheader">From where</span>
        <span role="columnheader" className="num">
          Position
        </span>
      </div>
      {items.length === 0 && loading && <Skeleton lines={14} />}
      <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {shown.map((item) => {
          const event = items[item.index];
          return event && <Row key={event.position} event={event} who={names.of(event.actor.name)} index={item.index} y={item.start - top} height={row} onFocus={setCurrent} />;
        })}
      </div>
      {items.length > 0 && <p className={styles.foot}>{loading ? 'Loading more…' : hasNext ? '' : 'That is all of it.'}</p>}
    </div>
  );
}

interface RowProps {
  event: AuditRowFragment;
  who: string;
  index: number;
  y: number;
  height: number;
  onFocus: (index: number) => void;
}

function Row({ event, who, index, y, height, onFocus }: RowProps) {
  const { business, search } = useView();
  const set = useSetSearch();
  const open = () => set((now) => ({ ...now, event: event.position }), { replace: search.event !== undefined });
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      tabIndex={0}
      data-index={index}
      data-open={search.event === event.position || undefined}
      data-refused={isRefusal(event.kind) || undefined}
      className={styles.row}
      style={{ transform: `translateY(${y}px)`, height }}
      onFocus={() => onFocus(index)}
      onClick={open}
      onKeyDown={(key) => {
        if (key.key !== 'Enter' && key.key !== ' ') return;
        key.preventDefault();
        open();
      }}
    >
      <span role="cell" className="muted">
        {formatMoment(event.at, business.timeZone, { seconds: true })}
      </span>
      <span role="cell">{who}</span>
      <span role="cell" className={styles.what}>
        {event.summary}
      </span>
      <span role="cell" className="muted">
        {event.address ?? ''}
      </span>
      <span role="cell" className="num muted">
        {event.position}
      </span>
    </div>
  );
}
