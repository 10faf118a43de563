import { useState } from 'react';
import type { MonthRowFragment } from '@/shared/graphql/generated';
import { isZero } from '@/shared/number/decimal';
import { DASH, formatMoney } from '@/shared/number/format';
import { endOfMonth } from '@/shared/time/days';
import { formatMoment, formatMonth } from '@/shared/time/moment';
import { Button, buttonClass } from '@/shared/ui/button';
import { Actions } from '@/shared/ui/settings';
import { may } from '@/shared/view/roles';
import { useView } from '@/shared/view/view';
import { CloseForm, ReopenForm } from './forms';
import { MonthFigures } from './month-figures';
import styles from './months.module.css';
import { totals } from './totals';

export interface MonthRowProps {
  month: MonthRowFragment;
  isOpen: boolean;
  onToggle: (month: string) => void;
  onChanged: (position?: number) => void;
}

/** One line, which opens down to the month's figures and to what can be done with it. */
export function MonthRow({ month, isOpen, onToggle, onChanged }: MonthRowProps) {
  const { business, today } = useView();
  const name = formatMonth(`${month.month}-01`);
  const state = stateOf(month, today);
  const [main] = totals(month.figures, business.baseCurrency);
  const money = (value: string | undefined) => (main && value !== undefined ? formatMoney(value, main.currency) : DASH);
  const id = `month-${month.month}`;
  return (
    <li className={styles.month} data-state={state}>
      <button type="button" className={styles.head} aria-expanded={isOpen} aria-controls={id} onClick={() => onToggle(month.month)}>
        <span className={styles.name}>
          <span aria-hidden="true" className={styles.arrow} />
          {name} <span className={styles.state}>{STATES[state]}</span>
        </span>
        <span className="num muted">
          <span className="sr">In </span>
          {money(main?.in)}
        </span>
        <span className="num muted">
          <span className="sr">Out </span>
          {money(main?.out)}
        </span>
        <span className="num">
          <span className="sr">Net </span>
          {money(main?.net)}
        </span>
        <Since month={month} />
      </button>
      {isOpen && (
        <div id={id} className={styles.body}>
          <MonthFigures month={month} name={name} />
          <Doings month={month} name={name} onChanged={onChanged} />
        </div>
      )}
    </li>
  );
}

const STATES = { running: 'running', open: 'open', closed: 'closed' } as const;
const isOver = (month: MonthRowFragment, today: string): boolean => endOfMonth(`${month.month}-01`) < today;
const stateOf = (month: MonthRowFragment, today: string): keyof typeof STATES => (month.state === 'CLOSED' ? 'closed' : isOver(month, today) ? 'open' : 'running');

function Since({ month }: { month: MonthRowFragment }) {
  const { business } = useView();
  const moved = totals(month.differences, business.baseCurrency).filter((one) => one.count !== 0 || !isZero(one.net) || !isZero(one.in));
  if (month.state !== 'CLOSED') return <span className={styles.since} />;
  return (
    <span className={`num ${styles.since} ${moved.length > 0 ? styles.moved : 'muted'}`} data-none={moved.length === 0 || undefined}>
      <span className={styles.label}>since it was closed </span>
      {moved.length === 0 ? 'nothing' : moved.map((one) => `${formatMoney(one.net, one.currency, { signed: true })}${one.currency === business.baseCurrency ? '' : ` ${one.currency}`}`).join(' · ')}
    </span>
  );
}

function Doings({ month, name, onChanged }: { month: MonthRowFragment; name: string; onChanged: (position?: number) => void }) {
  const { business, today } = useView();
  const [form, setForm] = useState<'close' | 'reopen'>();
  const owner = may(business.viewerRole, 'close-month');
  const closed = month.state === 'CLOSED';
  const report = `/api/v1/businesses/${business.id}/reports/${month.month}`;
  const done = (position: number) => {
    setForm(undefined);
    onChanged(position);
  };
  const given = { month, name, onDone: done, onStale: () => onChanged(), onLeave: () => setForm(undefined) };
  return (
    <>
      {closed && month.closedAt && (
        <p className={styles.meta}>
          Closed {formatMoment(month.closedAt, business.timeZone)}
          {month.code && (
            <>
              . Whoever holds the report can check it by its code: <a href={`/report?code=${month.code}`} className="link"><code>{month.code}</code></a>
            </>
          )}
        </p>
      )}
      {form === 'close' && <CloseForm {...given} />}
      {form === 'reopen' && <ReopenForm {...given} />}
      {!form && (
        <Actions>
          {owner && isOver(month, today) && !closed && (
            <Button primary onClick={() => setForm('close')}>
              Close {name}…
            </Button>
          )}
          <a className={buttonClass} href={report} target="_blank" rel="noreferrer" aria-label={`Report of ${name}, in a new tab`}>
            Report
          </a>
          <a className={buttonClass} href={`${report}?format=pdf`} aria-label={`Report of ${name} as PDF`} download>
            PDF
          </a>
          {owner && closed && <Button onClick={() => setForm('reopen')}>Open it again…</Button>}
        </Actions>
      )}
    </>
  );
}
