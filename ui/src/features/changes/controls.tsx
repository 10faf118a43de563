import { useState } from 'react';
import type { Metric } from '@/shared/graphql/generated';
import { formatMoment, momentFromLocal } from '@/shared/time/moment';
import { SINCE_CHOICES } from '@/shared/time/since';
import { Button, Field } from '@/shared/ui/button';
import { Drop } from '@/shared/ui/drop';
import { parseAsOf } from '@/shared/view/search';
import { asOfLabel } from '@/shared/time/since';
import { useSetSearch, useView } from '@/shared/view/view';
import { METRIC_NAMES } from '@/shared/view/words';
import styles from './changes.module.css';

const FIGURES: Metric[] = ['PROFIT', 'REVENUE', 'EXPENSES', 'CASH_NET', 'MONEY_IN', 'MONEY_OUT', 'BALANCE', 'COUNT'];

export function ChangesControls() {
  const { search, business } = useView();
  const set = useSetSearch();
  const own = parseAsOf(search.since);
  const choice = SINCE_CHOICES.find((one) => one.token === (search.since ?? 'today'));
  const label = own ? asOfLabel(own, business.timeZone) : (choice?.label ?? 'start of today');
  return (
    <div className={styles.controls}>
      <Drop label={METRIC_NAMES[search.figure ?? 'PROFIT']} name="Figure">
        {(close) => (
          <ul data-menu="">
            {FIGURES.map((metric) => (
              <li key={metric}>
                <button
                  type="button"
                  aria-current={metric === (search.figure ?? 'PROFIT') || undefined}
                  onClick={() => {
                    set(({ figure: _f, ...rest }) => (metric === 'PROFIT' ? rest : { ...rest, figure: metric }));
                    close();
                  }}
                >
                  {METRIC_NAMES[metric]}
                </button>
              </li>
            ))}
          </ul>
        )}
      </Drop>
      <Drop label={`since ${label}`} name="Measured from" width={300}>
        {(close) => (
          <SinceChoices
            choose={(token) => {
              set((now) => ({ ...now, since: token }));
              close();
            }}
          />
        )}
      </Drop>
    </div>
  );
}

function SinceChoices({ choose }: { choose: (token: string) => void }) {
  const { business, today } = useView();
  const [day, setDay] = useState('');
  const [local, setLocal] = useState(`${today}T09:00`);
  const moment = momentFromLocal(local, business.timeZone);
  return (
    <>
      <ul data-menu="">
        {SINCE_CHOICES.map(({ token, label }) => (
          <li key={token}>
            <button type="button" onClick={() => choose(token)}>
              {label.charAt(0).toUpperCase() + label.slice(1)}
            </button>
          </li>
        ))}
      </ul>
      <form
        data-form="row"
        data-apart=""
        onSubmit={(event) => {
          event.preventDefault();
          if (day) choose(day);
        }}
      >
        <Field label="The end of a day">
          <input type="date" max={today} value={day} onChange={(event) => setDay(event.target.value)} />
        </Field>
        <Button type="submit" disabled={!day}>
          Measure
        </Button>
      </form>
      <form
        data-form="row"
        onSubmit={(event) => {
          event.preventDefault();
          if (moment) choose(moment);
        }}
      >
        <Field label={`A moment (${business.timeZone})`}>
          <input type="datetime-local" value={local} onChange={(event) => setLocal(event.target.value)} />
        </Field>
        <Button type="submit" disabled={!moment} data-tip={moment ? formatMoment(moment, 'UTC') + ' UTC' : undefined}>
          Measure
        </Button>
      </form>
    </>
  );
}
