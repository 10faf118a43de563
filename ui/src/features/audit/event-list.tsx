/** Rows of the history. */
import { useElementSize, useMergedRef } from '@mantine/hooks';
import { useRef } from 'react';
import type { Pages } from '@/shared/api/use-pages';
import type { AuditRowFragment } from '@/shared/graphql/generated';
import { Row, type RowPlace, RowsFoot, RowsHead, useRows } from '@/shared/lines/rows';
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
const COLUMNS = ['When', 'Who', 'What', 'From where', 'Position'];

export function EventList({ found }: { found: Pages<AuditRowFragment> }) {
  const { items, hasNext, loading } = found;
  const names = useNames();
  const box = useRef<HTMLDivElement>(null);
  const { ref: measured, width } = useElementSize();
  const attach = useMergedRef(box, measured);
  const rows = useRows(box, { ...found, count: items.length, height: width <= NARROW ? TOUCH_ROW : ROW });
  return (
    <div ref={attach} role="table" aria-label="Audit history" aria-rowcount={hasNext ? -1 : items.length}>
      <RowsHead className={styles.head} columns={COLUMNS} />
      {items.length === 0 && loading && <Skeleton lines={14} />}
      <div role="rowgroup" style={{ height: rows.total, position: 'relative' }}>
        {rows.shown.map((item) => {
          const event = items[item.index];
          return event && <EventRow key={event.position} event={event} who={names.of(event.actor.name)} place={rows.place(item)} />;
        })}
      </div>
      {items.length > 0 && <RowsFoot loading={loading} hasNext={hasNext} all="That is all of it." />}
    </div>
  );
}

function EventRow({ event, who, place }: { event: AuditRowFragment; who: string; place: RowPlace }) {
  const { business, search } = useView();
  const set = useSetSearch();
  const open = () => set((now) => ({ ...now, event: event.position }), { replace: search.event !== undefined });
  return (
    <Row place={place} className={styles.row} isOpen={search.event === event.position} isRefused={isRefusal(event.kind)} open={open}>
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
    </Row>
  );
}
