/** Rows of the history. */
import { useElementSize, useMergedRef } from '@mantine/hooks';
import { useRef } from 'react';
import type { Listing } from '@/shared/api/use-long-list';
import type { AuditRowFragment } from '@/shared/graphql/generated';
import { Row, RowList, type RowPlace, RowsHead } from '@/shared/lines/rows';
import { formatMoment } from '@/shared/time/moment';
import { useSetSearch, useView } from '@/shared/view/view';
import styles from './audit.module.css';
import { useNames } from './use-names';
import { isRefusal } from './words';

const ROW = 33;
const TOUCH_ROW = 56;
/** As in the style sheet: below it a row is two lines. */
const NARROW = 560;
const COLUMNS = ['When', 'Who', 'What', 'From where', 'Position'];

const keyOf = (event: AuditRowFragment): number => event.position;

export function EventList({ found }: { found: Listing<AuditRowFragment> }) {
  const names = useNames();
  const box = useRef<HTMLDivElement>(null);
  const { ref: measured, width } = useElementSize();
  const attach = useMergedRef(box, measured);
  return (
    <RowList
      label="Audit history"
      box={box}
      attach={attach}
      found={found}
      keyOf={keyOf}
      height={width <= NARROW ? TOUCH_ROW : ROW}
      head={<RowsHead className={styles.head} columns={COLUMNS} />}
      row={(event, place) => <EventRow key={event.position} event={event} who={names.of(event.actor.name)} place={place} />}
      end="That is all of it."
    />
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
