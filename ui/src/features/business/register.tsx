/** The first step of a fresh installation, and of every further business. */
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useClient } from 'urql';
import { type Problem, problemOf } from '@/shared/api/problem';
import { queryStore } from '@/shared/api/query-store';
import { appear } from '@/shared/api/appear';
import { useData } from '@/shared/api/use-data';
import { RegisterBusinessDocument, ViewerDocument } from '@/shared/graphql/generated';
import { Button, Field } from '@/shared/ui/button';
import { Failure } from '@/shared/ui/states';
import styles from './register.module.css';

const MONTHS = Array.from({ length: 12 }, (_, index) =>
  new Intl.DateTimeFormat(undefined, { month: 'long', timeZone: 'UTC' }).format(Date.UTC(2026, index, 1)),
);
const ZONES = Intl.supportedValuesOf('timeZone');
const CURRENCIES = Intl.supportedValuesOf('currency');
const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function Register() {
  const client = useClient();
  const navigate = useNavigate();
  const { data } = useData(ViewerDocument, {}, { live: false });
  const first = data?.viewer.businesses.length === 0;
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const [input, setInput] = useState({ name: '', baseCurrency: 'EUR', timeZone: HERE, fiscalYearFirstMonth: 1 });

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    const answer = await client.mutation(RegisterBusinessDocument, { input: { ...input, name: input.name.trim() } }).toPromise();
    setBusy(false);
    if (answer.error || !answer.data) {
      setProblem(answer.error ? problemOf(answer.error) : { kind: 'server', text: 'The server gave no answer.' });
      return;
    }
    const { id, position } = answer.data.registerBusiness;
    queryStore.clear();
    await appear(client, id, position);
    await navigate({ to: '/b/$business/imports', params: { business: id } });
  };

  return (
    <main className={styles.page}>
      <p className={styles.brand}>Workdock</p>
      <h1>{first ? 'Register your business' : 'Register a business'}</h1>
      <p className="muted">Its days, months and years follow from this. The name, the time zone and the fiscal year can be changed later.</p>
      <form className={styles.form} onSubmit={(event) => void submit(event)}>
        <Field label="Name">
          <input required maxLength={200} value={input.name} onChange={(event) => setInput({ ...input, name: event.target.value })} />
        </Field>
        <Field label="Base currency">
          <select value={input.baseCurrency} onChange={(event) => setInput({ ...input, baseCurrency: event.target.value })}>
            {CURRENCIES.map((code) => (
              <option key={code}>{code}</option>
            ))}
          </select>
        </Field>
        <Field label="Time zone">
          <input required list="zones" value={input.timeZone} onChange={(event) => setInput({ ...input, timeZone: event.target.value })} />
        </Field>
        <datalist id="zones">
          {ZONES.map((zone) => (
            <option key={zone} value={zone} />
          ))}
        </datalist>
        <Field label="The fiscal year begins in">
          <select value={input.fiscalYearFirstMonth} onChange={(event) => setInput({ ...input, fiscalYearFirstMonth: Number(event.target.value) })}>
            {MONTHS.map((month, index) => (
              <option key={month} value={index + 1}>
                {month}
              </option>
            ))}
          </select>
        </Field>
        {problem && <Failure problem={problem} />}
        <Button type="submit" primary disabled={busy || input.name.trim() === ''}>
          {busy ? 'Registering…' : 'Register, then import a file'}
        </Button>
      </form>
    </main>
  );
}
