import { useState } from 'react';
import { formatDays, periodChoices, periodLabel, rangeToken, resolvePeriod, shiftPeriod } from '@/shared/time/period';
import { Button, Field } from '@/shared/ui/button';
import { Drop } from '@/shared/ui/drop';
import { useSetSearch, useView } from '@/shared/view/view';

export function PeriodControl() {
  const { period, business, today } = useView();
  const set = useSetSearch();
  return (
    <Drop label={periodLabel(period, today)} name="Period" strong width={280}>
      {(close) => {
        const choose = (token: string) => {
          set((search) => ({ ...search, period: token }));
          close();
        };
        return (
          <>
            <ul data-menu="">
              {periodChoices(business).map(({ label, token }) => {
                const { from, to } = resolvePeriod(token, business);
                return (
                  <li key={token}>
                    <button type="button" aria-current={token === period.token || undefined} onClick={() => choose(token)}>
                      {label} <span className="muted">{formatDays(from, to, today)}</span>
                    </button>
                  </li>
                );
              })}
            </ul>
            <div data-form="" data-apart="">
              <div data-pair="">
                <Button onClick={() => set((search) => ({ ...search, period: shiftPeriod(period, -1) }))}>‹ Before</Button>
                <Button onClick={() => set((search) => ({ ...search, period: shiftPeriod(period, 1) }))}>After ›</Button>
              </div>
            </div>
            <OwnRange from={period.from} to={period.to} onChoose={choose} />
          </>
        );
      }}
    </Drop>
  );
}

function OwnRange({ from, to, onChoose }: { from: string; to: string; onChoose: (token: string) => void }) {
  const [first, setFirst] = useState(from);
  const [last, setLast] = useState(to);
  const fits = first !== '' && last !== '' && first <= last;
  return (
    <form
      data-form=""
      onSubmit={(event) => {
        event.preventDefault();
        if (fits) onChoose(rangeToken(first, last));
      }}
    >
      <div data-pair="">
        <Field label="From">
          <input type="date" value={first} onChange={(event) => setFirst(event.target.value)} />
        </Field>
        <Field label="To">
          <input type="date" value={last} onChange={(event) => setLast(event.target.value)} />
        </Field>
      </div>
      <Button type="submit" disabled={!fits}>
        Show these days
      </Button>
    </form>
  );
}
