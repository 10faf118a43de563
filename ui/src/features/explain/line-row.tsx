import type { LineFragment } from '@/shared/graphql/generated';
import { formatMoney } from '@/shared/number/format';
import { formatShortDay } from '@/shared/time/moment';
import { lineTitle } from '@/shared/view/lines';
import { useSetSearch, useView } from '@/shared/view/view';
import { LineDetail } from './line-detail';
import styles from './panel.module.css';

/** A transaction in the panel; open, it shows the event that brought it and its earlier revisions. */
interface LineRowProps {
  line: LineFragment;
  /** What of it counts here, where it is split. */
  counted?: string;
}

export function LineRow({ line, counted = line.amount }: LineRowProps) {
  const { search, today } = useView();
  const set = useSetSearch();
  const isOpen = search.tx === line.id;
  const otherYear = line.day.slice(0, 4) !== today.slice(0, 4);
  const toggle = () =>
    set(({ tx: _tx, ...now }) => (isOpen ? now : { ...now, tx: line.id }), { replace: search.tx !== undefined });
  return (
    <li>
      <button type="button" className={styles.line} aria-expanded={isOpen} onClick={toggle} data-year={otherYear || undefined}>
        <span>{formatShortDay(line.day, today)}</span>
        <b>{lineTitle(line)}</b>
        <span className="num">
          {counted !== line.amount && <span className="muted">part of {formatMoney(line.amount, line.currency)} · </span>}
          {formatMoney(counted, line.currency)}
        </span>
      </button>
      {isOpen && <LineDetail line={line} />}
    </li>
  );
}
