import { useData } from '@/shared/api/use-data';
import { HistoryDocument, type LineFragment } from '@/shared/graphql/generated';
import { formatCount, formatFull } from '@/shared/number/format';
import { formatDay, formatMoment } from '@/shared/time/moment';
import { useSetSearch, useView } from '@/shared/view/view';
import { CAUSE_MEANING, CAUSE_NAMES, categoryName, KIND_NAMES } from '@/shared/view/words';
import styles from './panel.module.css';
import { Revisions } from './revisions';

/** Everything that is known of one transaction, down to the event in the log. */
export function LineDetail({ line }: { line: LineFragment }) {
  const { business } = useView();
  const set = useSetSearch();
  const { data } = useData(HistoryDocument, { business: business.id, id: line.id }, { pause: line.revisions < 2 });
  const history = data?.business?.transactionHistory;
  const { event } = line;
  return (
    <dl className={styles.detail}>
      <Row name="Event">
        {event.type}, position {formatCount(event.position)}
        {event.line !== null ? `, line ${formatCount(event.line)}` : ''}
      </Row>
      <Row name="Recorded">
        {formatMoment(event.recordedAt, business.timeZone, { seconds: true })}
        {event.source ? ` · from ${event.source.name}` : ''}
      </Row>
      <Row name="Booked">{line.booked.length > 10 ? formatMoment(line.booked, business.timeZone, { seconds: true }) : formatDay(line.day)}</Row>
      <Row name="Amount">{formatFull(line.amount, line.currency)}</Row>
      <Row name="Category">
        {categoryName(line.category)} · {KIND_NAMES[line.kind]}
      </Row>
      <Row name="Account">{line.account.name}</Row>
      {line.counterparty && <Row name="With">{line.counterparty}</Row>}
      {line.reference && <Row name="Reference">{line.reference}</Row>}
      <Row name="Arrived as">
        <span data-tip={CAUSE_MEANING[line.cause]}>{CAUSE_NAMES[line.cause]}</span>
      </Row>
      <Row name="Hash">
        <span className={styles.hash}>{event.hash}</span>
      </Row>
      {event.batch && (
        <Row name="Batch">
          <button
            type="button"
            className="link"
            onClick={() => set((now) => ({ ...now, known: `p${Math.max(0, event.position - 1)}` }))}
            data-tip="Everything as it was known before this event"
          >
            See the page as known before it
          </button>
        </Row>
      )}
      {line.revisions > 1 && <Row name="History">{history ? <Revisions history={history} /> : `${line.revisions} revisions…`}</Row>}
    </dl>
  );
}

export function Row({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
