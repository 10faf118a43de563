/** Checks a printed report by its code, without a session: whoever holds one may ask. */
import { useSearch } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { call } from '@/shared/api/http';
import { useAction } from '@/shared/api/use-action';
import type { Kind } from '@/shared/graphql/generated';
import { formatCount, formatMoney } from '@/shared/number/format';
import { formatMoment, formatMonth } from '@/shared/time/moment';
import { Button } from '@/shared/ui/button';
import { Detail, Details, Hash } from '@/shared/ui/details';
import { Entry, EntryFoot, entryForm } from '@/shared/ui/entry';
import { Failure } from '@/shared/ui/states';
import { TextField } from '@/shared/ui/text-field';
import { KIND_NAMES } from '@/shared/view/words';
import styles from './months.module.css';

interface Sealed {
  month: string;
  closed_at: string;
  known_position: number;
  position: number;
  hash: string;
  checkpoint: string | null;
  figures: { currency: string; kind: Lowercase<Kind>; in: string; out: string; count: number }[];
}

const readSealed = (code: string) => call<Sealed>('GET', `/api/v1/reports/${encodeURIComponent(code)}`, { open: true });

export function VerifyReport() {
  const { code: given = '' } = useSearch({ strict: false }) as { code?: string };
  const [code, setCode] = useState(given);
  const [sealed, setSealed] = useState<Sealed>();
  const check = useAction(async (of: string) => {
    setSealed(undefined);
    setSealed(await readSealed(of.trim()));
  });
  const { run } = check;
  useEffect(() => {
    if (given) void run(given);
  }, [given, run]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run(code);
  };
  return (
    <Entry title="Check a report">
      <p className="muted">The code stands on its last line. Compare the figures on paper with what was sealed.</p>
      <form className={entryForm} onSubmit={submit}>
        <TextField label="Code of the report" required value={code} onChange={setCode} autoComplete="off" autoCapitalize="characters" spellCheck={false} />
        {check.problem && <Failure problem={check.problem} advice="" />}
        <Button type="submit" primary disabled={check.busy}>
          {check.busy ? 'Checking…' : 'Check it'}
        </Button>
      </form>
      {sealed && <Found sealed={sealed} />}
      <EntryFoot>
        <p>Nothing but sums is shown here, and nobody without the code finds them.</p>
      </EntryFoot>
    </Entry>
  );
}

function Found({ sealed }: { sealed: Sealed }) {
  return (
    <div className={styles.wide} role="status">
      <p>
        <strong>{formatMonth(`${sealed.month}-01`)} was sealed with this code</strong> on {formatMoment(sealed.closed_at, 'UTC')} UTC.
      </p>
      <div className={`${styles.tableBox} ${styles.wide}`} tabIndex={0} role="region" aria-label="What was sealed">
        <table className={styles.figures}>
          <thead>
            <tr>
              <th scope="col">Kind</th>
              <th scope="col" className="num">In</th>
              <th scope="col" className="num">Out</th>
              <th scope="col" className="num">Lines</th>
            </tr>
          </thead>
          <tbody>
            {sealed.figures.map((figure) => (
              <tr key={figure.currency + figure.kind}>
                <th scope="row">
                  {KIND_NAMES[figure.kind.toUpperCase() as Kind]} <span className="muted">{figure.currency}</span>
                </th>
                <td className="num">{formatMoney(figure.in, figure.currency)}</td>
                <td className="num">{formatMoney(figure.out, figure.currency)}</td>
                <td className="num muted">{formatCount(figure.count)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Details className={styles.wide}>
        <Detail name="Event">position {formatCount(sealed.position)}, with all up to {formatCount(sealed.known_position)}</Detail>
        <Detail name="Hash">
          <Hash>{sealed.hash}</Hash>
        </Detail>
      </Details>
    </div>
  );
}
