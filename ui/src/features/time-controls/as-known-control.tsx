import { useState } from 'react';
import { useData } from '@/shared/api/use-data';
import { BatchesDocument } from '@/shared/graphql/generated';
import { formatCount } from '@/shared/number/format';
import { addDays } from '@/shared/time/days';
import { formatMoment, formatShortDay, momentFromLocal } from '@/shared/time/moment';
import { Button, Field } from '@/shared/ui/button';
import { Drop } from '@/shared/ui/drop';
import { useSetSearch, useView } from '@/shared/view/view';

export function AsKnownControl() {
  const { asOf, business, today } = useView();
  const set = useSetSearch();
  const label =
    asOf === undefined
      ? 'now'
      : asOf.date !== undefined
        ? formatShortDay(asOf.date, today)
        : asOf.moment !== undefined
          ? formatMoment(asOf.moment, business.timeZone)
          : `position ${formatCount(asOf.position)}`;
  return (
    <Drop label={`as known ${label}`} name="State of knowledge" width={320}>
      {(close) => {
        const choose = (known: string | undefined) => {
          set(({ known: _known, ...rest }) => (known === undefined ? rest : { ...rest, known }));
          close();
        };
        return <Choices choose={choose} />;
      }}
    </Drop>
  );
}

function Choices({ choose }: { choose: (known: string | undefined) => void }) {
  const { asOf, business, today } = useView();
  const { data } = useData(BatchesDocument, { business: business.id, first: 8 }, { live: false });
  const batches = data?.business?.batches.nodes ?? [];
  return (
    <>
      <ul data-menu="">
        <li>
          <button type="button" aria-current={asOf === undefined || undefined} onClick={() => choose(undefined)}>
            Now
          </button>
        </li>
        <li>
          <button type="button" onClick={() => choose(addDays(today, -1))}>
            Yesterday, end of day
          </button>
        </li>
      </ul>
      <Forms choose={choose} />
      {batches.length > 0 && (
        <ul data-menu="" data-apart="" aria-label="Before a batch">
          {batches.map((batch) => (
            <li key={batch.id}>
              <button type="button" onClick={() => choose(`p${Math.max(0, batch.firstPosition - 1)}`)}>
                <span>
                  Before {batch.account?.name ?? batch.source?.name ?? 'a batch'}
                  <br />
                  <span className="muted">{formatMoment(batch.startedAt, business.timeZone)}</span>
                </span>
                <span className="muted">+{formatCount(batch.added)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Forms({ choose }: { choose: (known: string) => void }) {
  const { asOf, business, today } = useView();
  const [day, setDay] = useState(asOf?.date ?? addDays(today, -1));
  const [local, setLocal] = useState(`${today}T09:00`);
  const [position, setPosition] = useState(asOf?.position === undefined ? '' : String(asOf.position));
  const moment = momentFromLocal(local, business.timeZone);
  return (
    <>
      <form
        data-form="row"
        data-apart=""
        onSubmit={(event) => {
          event.preventDefault();
          if (day) choose(day);
        }}
      >
        <Field label="At the end of a day">
          <input type="date" max={today} value={day} onChange={(event) => setDay(event.target.value)} />
        </Field>
        <Button type="submit">Show</Button>
      </form>
      <form
        data-form="row"
        onSubmit={(event) => {
          event.preventDefault();
          if (moment) choose(moment);
        }}
      >
        <Field label={`At a moment (${business.timeZone})`}>
          <input type="datetime-local" value={local} onChange={(event) => setLocal(event.target.value)} />
        </Field>
        <Button type="submit" disabled={!moment}>
          Show
        </Button>
      </form>
      <form
        data-form="row"
        onSubmit={(event) => {
          event.preventDefault();
          if (/^\d+$/.test(position)) choose(`p${position}`);
        }}
      >
        <Field label="At a position of the log">
          <input inputMode="numeric" pattern="\d+" value={position} onChange={(event) => setPosition(event.target.value.trim())} />
        </Field>
        <Button type="submit" disabled={!/^\d+$/.test(position)}>
          Show
        </Button>
      </form>
    </>
  );
}
