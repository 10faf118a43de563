/** One event of the history: what it changed, who asked and from where, and the figures that it moved. */
import { Link } from '@tanstack/react-router';
import { useCallback } from 'react';
import { useData } from '@/shared/api/use-data';
import { type AuditRowFragment, EventDocument, MovedDocument } from '@/shared/graphql/generated';
import { agentName } from '@/shared/identity/agent';
import { isZero, negate } from '@/shared/number/decimal';
import { formatCount, formatMoney } from '@/shared/number/format';
import { formatMoment, formatMonth } from '@/shared/time/moment';
import { Detail, Details, Hash } from '@/shared/ui/details';
import { PanelTitle, SidePanel } from '@/shared/ui/side-panel';
import { Empty, Failure, Skeleton } from '@/shared/ui/states';
import { may } from '@/shared/view/roles';
import { keepTime } from '@/shared/view/search';
import { BASE } from '@/shared/view/resolve';
import { useSetSearch, useView } from '@/shared/view/view';
import { KIND_NAMES } from '@/shared/view/words';
import styles from './audit.module.css';
import { Revised } from './revised';
import { type Names, useNames } from './use-names';
import { fieldName, valueText } from './words';

export function EventPanel() {
  const { business, search } = useView();
  const close = useCloseEvent();
  const position = search.event ?? 0;
  const isShown = may(business.viewerRole, 'audit');
  const { data, problem, at, retry } = useData(EventDocument, { business: business.id, position }, { live: false, pause: !isShown });
  const found = data?.business?.audit.edges;
  const entry = found?.[0]?.node;
  return (
    <SidePanel label="What happened" subject={String(position)} onClose={close}>
      <PanelTitle path={`Audit history › position ${formatCount(position)}`}>{entry?.summary ?? 'What happened'}</PanelTitle>
      {!isShown && <Empty title="Your role does not open events.">Owners and auditors of {business.name} read them; an owner can change your role.</Empty>}
      {problem && <Failure problem={problem} at={at} retry={retry} />}
      {isShown && !found && !problem && <Skeleton lines={8} />}
      {found && !entry && <NotThere position={position} retry={retry} />}
      {entry && <Event entry={entry} />}
    </SidePanel>
  );
}

/** What it was opened over comes back. */
function useCloseEvent() {
  const set = useSetSearch();
  return useCallback(() => set(({ event: _event, ...now }) => now), [set]);
}

function NotThere({ position, retry }: { position: number; retry: () => void }) {
  const { business } = useView();
  return (
    <Empty
      title={`${business.name} has no event at position ${formatCount(position)}.`}
      action={
        <>
          <button type="button" className="link" onClick={retry}>
            Look again
          </button>
          <Link to="/b/$business/settings" params={{ business: business.id }} hash="history" className="link">
            What was archived
          </Link>
        </>
      }
    >
      Positions are counted over all businesses, so it may be another one’s. It may also be older than the history that is kept here, or have been recorded only just now.
    </Empty>
  );
}

function Event({ entry }: { entry: AuditRowFragment }) {
  const { business } = useView();
  const names = useNames();
  const set = useSetSearch();
  return (
    <>
      <div className={styles.block}>
        <Details>
          <Detail name="When">{formatMoment(entry.at, business.timeZone, { seconds: true })}</Detail>
          <Detail name="Who">{names.of(entry.actor.name)}</Detail>
          {entry.onBehalfOf && <Detail name="For">{names.of(entry.onBehalfOf)}</Detail>}
          {entry.address && <Detail name="From">{entry.address}</Detail>}
          {entry.agent && <Detail name="With">{agentName(entry.agent)}</Detail>}
          <Detail name="Event">{entry.kind}</Detail>
          <Detail name="About">
            <button type="button" className="link" data-tip="All that is about the same" onClick={() => set((now) => ({ ...now, about: entry.subject }))}>
              {subjectOf(names, entry.subject)}
            </button>
          </Detail>
          {entry.request && <Detail name="Request">{entry.request}</Detail>}
          {entry.trace && <Detail name="Trace">{entry.trace}</Detail>}
          <Detail name="Hash">
            <Hash>{entry.hash}</Hash>
          </Detail>
        </Details>
      </div>
      <Changed changes={entry.changes} />
      <Revised position={entry.position} />
      <Moved position={entry.position} />
    </>
  );
}

/** By its name where it has one here, and by its id everywhere else. */
const subjectOf = (names: Names, id: string): string => names.about.flatMap(({ choices }) => choices).find((one) => one.value === id)?.name ?? id;

const LISTED = 40;

function Changed({ changes }: { changes: AuditRowFragment['changes'] }) {
  if (changes.length === 0) return null;
  const both = changes.some((one) => valueText(one.before) !== null);
  return (
    <section className={styles.block}>
      <h3>{both ? 'What it changed' : 'What it says'}</h3>
      <table className={styles.changed}>
        <thead>
          <tr>
            <th scope="col">Field</th>
            {both && <th scope="col">Before</th>}
            <th scope="col">{both ? 'After' : 'Value'}</th>
          </tr>
        </thead>
        <tbody>
          {changes.slice(0, LISTED).map(({ field, before, after }) => (
            <tr key={field}>
              <th scope="row">{fieldName(field)}</th>
              {both && <td>{valueText(before) === null ? <span className="muted">–</span> : <del>{valueText(before)}</del>}</td>}
              <td>{valueText(after) === null ? <span className="muted">–</span> : both ? <ins>{valueText(after)}</ins> : valueText(after)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {changes.length > LISTED && <p className="muted">and {formatCount(changes.length - LISTED)} more</p>}
    </section>
  );
}

/** The sums of each month that it moved; the same figures before this event and with it are one click away. */
function Moved({ position }: { position: number }) {
  const { business, search } = useView();
  const { data, problem, retry } = useData(MovedDocument, { business: business.id, position }, { live: false });
  const rows = data?.business?.moved;
  const { known: _known, period: _period, ...time } = keepTime(search);
  const known = { known: `p${position}`, since: `p${Math.max(0, position - 1)}` };
  const params = { business: business.id };
  return (
    <section className={styles.block}>
      <h3>The figures that it moved</h3>
      {problem && <Failure problem={problem} retry={retry} />}
      {!rows && !problem && <Skeleton lines={2} />}
      {rows?.length === 0 && <p className="muted">None.</p>}
      {rows && rows.length > 0 && (
        <table className={styles.changed}>
          <thead>
            <tr>
              <th scope="col">Month</th>
              <th scope="col">Kind</th>
              <th scope="col" className="num">
                In
              </th>
              <th scope="col" className="num">
                Out
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, LISTED).map((row) => (
              <tr key={`${row.month}${row.kind}${row.currency}${row.cause}`}>
                <th scope="row">
                  <Link to="/b/$business/changes" params={params} search={{ ...time, ...known, period: row.month.slice(0, 7), currency: row.cause === 'EXCHANGE_RATE' ? BASE : row.currency } as never} className="link">
                    {formatMonth(row.month)}
                  </Link>
                </th>
                <td>{KIND_NAMES[row.kind]}</td>
                <td className="num">{isZero(row.in) ? '' : formatMoney(row.in, row.currency, { signed: true })}</td>
                <td className="num">{isZero(row.out) ? '' : formatMoney(negate(row.out), row.currency, { signed: true })}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p className={styles.back}>
        <Link to="/b/$business" params={params} search={{ ...time, known: known.since } as never} className="link">
          The page as known before it
        </Link>
      </p>
    </section>
  );
}
