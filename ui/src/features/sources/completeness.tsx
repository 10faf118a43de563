import { useState } from 'react';
import { useData } from '@/shared/api/use-data';
import { AccountCompletenessDocument, CompletenessDocument, type StatementFragment } from '@/shared/graphql/generated';
import { isZero } from '@/shared/number/decimal';
import { DASH, formatCount, formatMoney } from '@/shared/number/format';
import { formatDay, formatShortDay } from '@/shared/time/moment';
import { Failure, Skeleton } from '@/shared/ui/states';
import { useView } from '@/shared/view/view';
import styles from './sources.module.css';

/** Whether all is there: days, gaps, and the provider's own balance against ours. */
export function Completeness({ source }: { source: string }) {
  const { business } = useView();
  const { data, problem, at, retry } = useData(CompletenessDocument, { business: business.id, source });
  const statements = data?.business?.connection?.completeness;
  return (
    <section className={styles.part} aria-label="Is it complete?">
      <h2>Is it complete?</h2>
      {problem && <Failure problem={problem} at={at} retry={retry} />}
      {!statements && !problem && <Skeleton lines={2} />}
      {statements?.length === 0 && <p className="muted">No account has been read yet.</p>}
      {statements?.map((statement) => <OfAccount key={statement.account} statement={statement} />)}
    </section>
  );
}

/** The same of one account, wherever its transactions come from. */
export function AccountCompleteness({ account }: { account: string }) {
  const { business } = useView();
  const { data, problem, at, retry } = useData(AccountCompletenessDocument, { business: business.id, account });
  const statement = data?.business?.completeness;
  return (
    <>
      {problem && <Failure problem={problem} at={at} retry={retry} />}
      {!statement && !problem && <Skeleton lines={2} />}
      {statement && <OfAccount statement={statement} isOfFiles />}
    </>
  );
}

function OfAccount({ statement, isOfFiles = false }: { statement: StatementFragment; isOfFiles?: boolean }) {
  const { business, today } = useView();
  const [open, setOpen] = useState(false);
  const { account, currency, coveredFrom, coveredTo, gaps, pending, pendingAmount, refused, agrees, firstDifference, recorded, days } = statement;
  const who = isOfFiles ? 'file' : 'provider';
  const name = business.accounts.find((one) => one.id === account)?.name ?? 'Account';
  const whole = gaps.length === 0 && agrees !== false && refused === 0;
  return (
    <div className={styles.statement}>
      <p>
        <strong>{name}</strong>{' '}
        {coveredFrom && coveredTo ? (
          <>
            {formatDay(coveredFrom)} to {formatDay(coveredTo)},{' '}
            <span className={whole ? styles.good : styles.bad}>{whole ? (agrees ? 'complete, the balance agrees' : 'complete') : 'not complete'}</span>
          </>
        ) : (
          <span className="muted">nothing yet</span>
        )}
      </p>
      <ul className={styles.notes}>
        {agrees === null && <li>{isOfFiles ? 'No file tells a' : 'The provider tells no'} balance to compare with.</li>}
        {firstDifference && (
          <li className={styles.bad}>
            From {formatDay(firstDifference)} on the balance differs from the {who}’s.
          </li>
        )}
        {recorded && (
          <li>
            Recorded in the history at position {formatCount(recorded.position)}: {recorded.differsFrom ? `differs from ${formatDay(recorded.differsFrom)} on` : 'agrees again'}.
          </li>
        )}
        {gaps.map((gap) => (
          <li key={gap.from} className={styles.bad}>
            {gap.from === gap.to ? formatDay(gap.from) : `${formatShortDay(gap.from, today)} to ${formatShortDay(gap.to, today)}`} {isOfFiles ? 'is not whole' : 'is missing'}: {gap.why}
          </li>
        ))}
        {pending > 0 && (
          <li>
            {formatCount(pending)} still pending, {formatMoney(pendingAmount, currency)} {currency}
          </li>
        )}
        {refused > 0 && (
          <li className={styles.bad}>
            {isOfFiles
              ? `${formatCount(refused)} lines of its files were refused; import a file of the same days that is whole.`
              : `${formatCount(refused)} answers were not understood since the last good reading.`}
          </li>
        )}
      </ul>
      {days.length > 0 && (
        <button type="button" className="link" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? 'Hide the days' : 'Day by day'}
        </button>
      )}
      {open && <Days days={days} currency={currency} name={name} who={who} />}
    </div>
  );
}

function Days({ days, currency, name, who }: { days: StatementFragment['days']; currency: string; name: string; who: string }) {
  const { today } = useView();
  const money = (value: string | null | undefined) => (value === null || value === undefined ? DASH : formatMoney(value, currency));
  return (
    <div className={styles.tableBox} tabIndex={0} role="region" aria-label={`Days of ${name}`}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Day</th>
            <th scope="col" className="num">Opening</th>
            <th scope="col" className="num">Movements</th>
            <th scope="col" className="num">Closing</th>
            <th scope="col" className="num">{who === 'file' ? 'File says' : 'Provider says'}</th>
            <th scope="col" className="num">Difference</th>
          </tr>
        </thead>
        <tbody>
          {[...days].reverse().map((day) => (
            <tr key={day.day}>
              <th scope="row">{formatShortDay(day.day, today)}</th>
              <td className="num muted">{money(day.opening)}</td>
              <td className="num">{money(day.movements)}</td>
              <td className="num">{money(day.closing)}</td>
              <td className="num muted">{money(day.told)}</td>
              <td className={`num ${day.difference && !isZero(day.difference) ? styles.bad : 'muted'}`}>{money(day.difference)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
