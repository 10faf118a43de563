/** A list of transactions that stays light with ten thousand of them. */
import { useRef, useState } from 'react';
import type { Lines } from '@/shared/api/use-lines';
import type { LineFragment } from '@/shared/graphql/generated';
import { formatFull, formatMoney } from '@/shared/number/format';
import { formatShortDay } from '@/shared/time/moment';
import { Skeleton } from '@/shared/ui/states';
import { lineTitle } from '@/shared/view/lines';
import { useSetSearch, useView } from '@/shared/view/view';
import { CAUSE_NAMES, categoryName } from '@/shared/view/words';
import styles from './line-list.module.css';
import { Row, type RowPlace, RowsFoot, RowsHead, useRows } from './rows';

const ROW = 33;
const TOUCH_ROW = 53;
const COLUMNS = ['Day', 'What', 'Category', 'Account', 'Amount'];

/** Ticks in front of the lines. */
export interface Choosing {
  ids: ReadonlySet<string>;
  toggle: (id: string) => void;
  all: (on: boolean) => void;
}

export function LineList({ found, choosing }: { found: Lines; choosing?: Choosing | undefined }) {
  const { lines, hasNext, loading } = found;
  const box = useRef<HTMLDivElement>(null);
  const [height] = useState(() => (window.matchMedia('(max-width: 699px)').matches ? TOUCH_ROW : ROW));
  const rows = useRows(box, { ...found, count: lines.length, height });
  return (
    <div ref={box} role="table" data-choosing={choosing ? true : undefined} className={styles.list} aria-label="Transactions" aria-rowcount={hasNext ? -1 : lines.length}>
      <RowsHead className={styles.head} columns={COLUMNS} before={choosing && <Tick label="All that are loaded" on={lines.length > 0 && lines.every((line) => choosing.ids.has(line.id))} toggle={choosing.all} head />} />
      {lines.length === 0 && loading && <Skeleton lines={14} />}
      <div role="rowgroup" style={{ height: rows.total, position: 'relative' }}>
        {rows.shown.map((item) => {
          const line = lines[item.index];
          return line && <LineRow key={line.id + item.index} line={line} place={rows.place(item)} choosing={choosing} />;
        })}
      </div>
      {lines.length > 0 && <RowsFoot loading={loading} hasNext={hasNext} all="That is all of them." />}
    </div>
  );
}

interface TickProps {
  label: string;
  on: boolean;
  toggle: (on: boolean) => void;
  head?: boolean;
}

function Tick({ label, on, toggle, head }: TickProps) {
  return (
    // A press here is for the tick alone, and the row does not open.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events
    <span role={head ? 'columnheader' : 'cell'} className={styles.tick} onClick={(event) => event.stopPropagation()}>
      <input type="checkbox" aria-label={label} checked={on} onChange={(event) => toggle(event.target.checked)} onKeyDown={(event) => event.key !== 'Escape' && event.stopPropagation()} />
    </span>
  );
}

function LineRow({ line, place, choosing }: { line: LineFragment; place: RowPlace; choosing: Choosing | undefined }) {
  const { search, today } = useView();
  const set = useSetSearch();
  const open = () => set(({ open: _o, of: _of, category: _c, account: _a, order: _or, ...now }) => ({ ...now, tx: line.id }), { replace: search.tx !== undefined });
  return (
    <Row place={place} className={styles.row} isOpen={search.tx === line.id} open={open} pick={choosing && (() => choosing.toggle(line.id))}>
      {choosing && <Tick label={`Choose ${lineTitle(line)}`} on={choosing.ids.has(line.id)} toggle={() => choosing.toggle(line.id)} />}
      <span role="cell" className="muted">
        {formatShortDay(line.day, today)}
      </span>
      <span role="cell" className={styles.what}>
        {lineTitle(line)}
        {line.description && line.counterparty && <span className="muted"> · {line.counterparty}</span>}
        {line.parts.length > 0 && <span className={styles.cause}>split in {line.parts.length}</span>}
        {line.cause !== 'NEW' && <span className={styles.cause}>{CAUSE_NAMES[line.cause].toLowerCase()}</span>}
      </span>
      <span role="cell" className="muted">
        {line.parts.length > 0 ? line.parts.map((part) => categoryName(part.category)).join(', ') : categoryName(line.category)}
      </span>
      <span role="cell" className="muted">
        {line.account.name}
      </span>
      <span role="cell" className="num" data-tip={formatFull(line.amount, line.currency)}>
        {formatMoney(line.amount, line.currency)}
      </span>
    </Row>
  );
}
