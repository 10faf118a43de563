/** A list of transactions that stays light with a million of them. */
import { useRef, useState } from 'react';
import type { Listing } from '@/shared/api/use-long-list';
import type { LineFragment } from '@/shared/graphql/generated';
import { formatFull, formatMoney } from '@/shared/number/format';
import { formatShortDay } from '@/shared/time/moment';
import { lineTitle } from '@/shared/view/lines';
import { useSetSearch, useView } from '@/shared/view/view';
import { CAUSE_NAMES, categoryName } from '@/shared/view/words';
import styles from './line-list.module.css';
import { Row, RowList, type RowPlace, RowsHead } from './rows';

const ROW = 33;
const TOUCH_ROW = 53;
const COLUMNS = ['Day', 'What', 'Category', 'Account', 'Amount'];
const keyOf = (line: LineFragment): string => line.id;

/** Ticks in front of the lines, and one in front of all. */
export interface Choosing {
  has: (id: string) => boolean;
  toggle: (line: LineFragment) => void;
  /** What the tick of all does. */
  allLabel: string;
  allState: boolean | 'some';
  all: (on: boolean) => void;
}

export function LineList({ found, choosing }: { found: Listing<LineFragment>; choosing?: Choosing | undefined }) {
  const box = useRef<HTMLDivElement>(null);
  const [height] = useState(() => (window.matchMedia('(max-width: 699px)').matches ? TOUCH_ROW : ROW));
  return (
    <RowList
      label="Transactions"
      box={box}
      found={found}
      keyOf={keyOf}
      height={height}
      className={choosing && styles.choosing}
      head={<RowsHead className={styles.head} columns={COLUMNS} before={choosing && <Tick label={choosing.allLabel} on={choosing.allState} toggle={choosing.all} head />} />}
      row={(line, place) => <LineRow key={line.id} line={line} place={place} choosing={choosing} />}
      end="That is all of them."
    />
  );
}

interface TickProps {
  label: string;
  on: boolean | 'some';
  toggle: (on: boolean) => void;
  head?: boolean;
}

function Tick({ label, on, toggle, head }: TickProps) {
  return (
    // A press here is for the tick alone, and the row does not open.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events
    <span role={head ? 'columnheader' : 'cell'} className={styles.tick} onClick={(event) => event.stopPropagation()}>
      <input type="checkbox" aria-label={label} ref={(box) => void (box && (box.indeterminate = on === 'some'))} checked={on === true} onChange={(event) => toggle(event.target.checked)} onKeyDown={(event) => event.key !== 'Escape' && event.stopPropagation()} />
    </span>
  );
}

function LineRow({ line, place, choosing }: { line: LineFragment; place: RowPlace; choosing: Choosing | undefined }) {
  const { search, today } = useView();
  const set = useSetSearch();
  const open = () => set(({ open: _o, of: _of, category: _c, account: _a, order: _or, ...now }) => ({ ...now, tx: line.id }), { replace: search.tx !== undefined });
  return (
    <Row place={place} className={styles.row} isOpen={search.tx === line.id} open={open} pick={choosing && (() => choosing.toggle(line))}>
      {choosing && <Tick label={`Choose ${lineTitle(line)}`} on={choosing.has(line.id)} toggle={() => choosing.toggle(line)} />}
      <span role="cell" className="muted">
        {formatShortDay(line.day, today)}
      </span>
      <span role="cell" className={styles.what}>
        {lineTitle(line)}
        {line.description && line.counterparty && <span className="muted"> · {line.counterparty}</span>}
        {line.pending && <span className={styles.cause}>pending</span>}
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
