import { useData } from '@/shared/api/use-data';
import { BesideLine } from '@/shared/beside/beside';
import { Pays } from '@/shared/documents/pays';
import { SplitLine } from '@/shared/split/split';
import { HistoryDocument, type LineFragment } from '@/shared/graphql/generated';
import { MatchesOfLine } from '@/shared/matches/matches-of-line';
import { formatCount, formatFull } from '@/shared/number/format';
import { formatDay, formatMoment } from '@/shared/time/moment';
import { Detail, Details, Hash } from '@/shared/ui/details';
import { EventLink } from '@/shared/ui/event-link';
import { useSetSearch, useView } from '@/shared/view/view';
import { CAUSE_MEANING, CAUSE_NAMES, categoryName, KIND_NAMES } from '@/shared/view/words';
import styles from './panel.module.css';
import { Revisions } from './revisions';
import { Told } from './told';

/** The payout that its provider says it is in. */
function PaidOutWith({ payout }: { payout: string }) {
  const set = useSetSearch();
  return (
    <Detail name="Paid out">
      <button type="button" className="link" onClick={() => set((now) => ({ ...now, tx: payout }))}>
        See the payout that it is in
      </button>
    </Detail>
  );
}

/** Everything that is known of one transaction, down to the event in the log. */
export function LineDetail({ line }: { line: LineFragment }) {
  const { business, asOf } = useView();
  const set = useSetSearch();
  const { data, retry } = useData(HistoryDocument, { business: business.id, id: line.id, ...(asOf ? { asOf } : {}) });
  const history = data?.business?.transactionHistory;
  const { event } = line;
  const last = history?.at(-1);
  const only = history?.length === 1 ? history[0] : undefined;
  return (
    <>
      <Details className={styles.detail}>
        <Detail name="Event">
          <EventLink position={event.position}>
            {event.type}, position {formatCount(event.position)}
            {event.line !== null ? `, line ${formatCount(event.line)}` : ''}
          </EventLink>
        </Detail>
        <Detail name="Recorded">
          {formatMoment(event.recordedAt, business.timeZone, { seconds: true })}
          {event.source ? ` · from ${event.source.name}` : ''}
        </Detail>
        <Detail name={line.pending ? 'Pending since' : 'Booked'}>
          {line.booked.length > 10 ? formatMoment(line.booked, business.timeZone, { seconds: true }) : formatDay(line.day)}
          {line.pending && <span className="muted"> · not booked yet: it may change, or never come</span>}
        </Detail>
        {line.valueDate && (
          <Detail name="Value date">
            <span data-tip="From this day on the bank counts it for interest, or the money can be used">{formatDay(line.valueDate)}</span>
          </Detail>
        )}
        <Detail name="Amount">{formatFull(line.amount, line.currency)}</Detail>
        <Detail name={line.parts.length > 0 ? 'Without parts' : 'Category'}>
          {categoryName(line.category)} · {KIND_NAMES[line.kind]}
        </Detail>
        {line.providerCategory && <Detail name="In its source">{line.providerCategory}</Detail>}
        <Detail name="Because">
          {line.decision.reason}
          {line.decision.basis !== 'CHOICE' && <span className="muted"> · {line.decision.certainty} % certain</span>}
          {line.decision.reported && <span className="muted"> · its source says {categoryName(line.decision.reported.category)}</span>}
        </Detail>
        {line.note && <Detail name="Note">{line.note}</Detail>}
        <Detail name="Account">{line.account.name}</Detail>
        {line.paidOutWith && <PaidOutWith payout={line.paidOutWith} />}
        <Pays line={line} />
        {line.counterparty && <Detail name="With">{line.counterparty}</Detail>}
        {line.reference && <Detail name="Reference">{line.reference}</Detail>}
        <Detail name="Arrived as">
          <span data-tip={CAUSE_MEANING[line.cause]}>{CAUSE_NAMES[line.cause]}</span>
        </Detail>
        <Detail name="Hash">
          <Hash>{event.hash}</Hash>
        </Detail>
        {event.batch && (
          <Detail name="Batch">
            <button
              type="button"
              className="link"
              onClick={() => set((now) => ({ ...now, known: `p${Math.max(0, event.position - 1)}` }))}
              data-tip="Everything as it was known before this event"
            >
              See the page as known before it
            </button>
          </Detail>
        )}
        {only && only.payloads.length > 0 && (
          <Detail name="As it came">
            <Told payloads={only.payloads} source={event.source} />
          </Detail>
        )}
        {last?.removed && last.validTo !== null && (
          <Detail name="Taken back">
            <EventLink position={last.validTo}>by its source, position {formatCount(last.validTo)}</EventLink>
            {last.takenBack.length > 0 && (
              <>
                {' · '}
                <Told payloads={last.takenBack} source={event.source} />
              </>
            )}
          </Detail>
        )}
        {line.revisions > 1 && <Detail name="History">{history ? <Revisions history={history} /> : `${line.revisions} revisions…`}</Detail>}
      </Details>
      <div className={styles.detail}>
        <SplitLine line={line} history={history} onChanged={retry} />
        <MatchesOfLine line={line} />
        <BesideLine line={line} />
      </div>
    </>
  );
}
