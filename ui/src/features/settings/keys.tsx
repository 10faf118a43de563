/** Keys for machines: shown whole once, known by their beginning from then on. */
import { type FormEvent, useState } from 'react';
import { useAction } from '@/shared/api/use-action';
import { useLoaded } from '@/shared/api/use-loaded';
import { type Key, readKeys, type Scope } from '@/shared/identity/keys';
import { addDays } from '@/shared/time/days';
import { formatAgo, formatMoment } from '@/shared/time/moment';
import { Button, Field } from '@/shared/ui/button';
import { useSay } from '@/shared/ui/notice';
import { Actions, formClass, Row, Rows } from '@/shared/ui/settings';
import { Failure, Skeleton } from '@/shared/ui/states';
import { TextField } from '@/shared/ui/text-field';
import { may, ROLE_MEANING, ROLE_NAMES } from '@/shared/view/roles';
import { useView } from '@/shared/view/view';
import { makeKey, revokeKey, SCOPE_NAMES, SCOPES } from './api';
import styles from './settings.module.css';

export function Keys() {
  const { business } = useView();
  const { data, problem, at, reload } = useLoaded(`keys ${business.id}`, () => readKeys(business.id));
  const [made, setMade] = useState<string>();
  const owner = may(business.viewerRole, 'keys');
  return (
    <>
      {problem && <Failure problem={problem} at={at} retry={() => void reload()} />}
      {!data && !problem && <Skeleton lines={2} />}
      {data?.length === 0 && !made && <p className="muted">There is none.</p>}
      {data && data.length > 0 && (
        <Rows label="Keys">
          {data.map((key) => (
            <One key={key.id} of={key} owner={owner} onChanged={reload} />
          ))}
        </Rows>
      )}
      {made ? <Shown secret={made} onKept={() => setMade(undefined)} /> : owner && data && <Make onMade={setMade} onChanged={reload} />}
    </>
  );
}

function One({ of: key, owner, onChanged }: { of: Key; owner: boolean; onChanged: () => Promise<void> }) {
  const { business } = useView();
  const say = useSay();
  const [sure, setSure] = useState(false);
  const revoke = useAction(async () => {
    await revokeKey(business.id, key.id);
    say(`The key “${key.name}” opens nothing any more.`);
    await onChanged();
  });
  const used = key.lastUsedAt ? `used ${formatAgo(Date.now() - Date.parse(key.lastUsedAt))}` : 'not used yet';
  const until = key.expiresAt ? `until ${formatMoment(key.expiresAt, business.timeZone)}` : 'without an end';
  return (
    <Row
      title={
        <>
          {key.name} <code className={styles.prefix}>{key.prefix}…</code>
        </>
      }
      note={`May ${key.scopes.map((scope) => SCOPE_NAMES[scope]).join(', ')} · ${until} · ${used}`}
    >
      {revoke.problem && <Failure problem={revoke.problem} />}
      {!owner ? null : sure ? (
        <>
          <Button primary disabled={revoke.busy} onClick={() => void revoke.run()}>
            Revoke for good
          </Button>
          <Button onClick={() => setSure(false)}>Keep it</Button>
        </>
      ) : (
        <Button onClick={() => setSure(true)} aria-label={`Revoke ${key.name}…`}>
          Revoke…
        </Button>
      )}
    </Row>
  );
}

const LASTS: [days: number, label: string][] = [
  [30, '30 days'],
  [90, '90 days'],
  [365, 'a year'],
];
type KeyRole = keyof typeof SCOPES;
const FOR_KEYS: KeyRole[] = ['VIEWER', 'AUDITOR', 'MANAGER'];

function Make({ onMade, onChanged }: { onMade: (secret: string) => void; onChanged: () => Promise<void> }) {
  const { business, today } = useView();
  const [open, setOpen] = useState(false);
  const [name, setName] = useState('');
  const [role, setRole] = useState<KeyRole>('VIEWER');
  const [scopes, setScopes] = useState<Scope[]>(SCOPES.VIEWER);
  const [days, setDays] = useState(90);
  const make = useAction(async () => {
    const { key } = await makeKey(business.id, { name: name.trim(), role, scopes, expiresAt: `${addDays(today, days)}T00:00:00Z` });
    onMade(key);
    setOpen(false);
    setName('');
    await onChanged();
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void make.run();
  };
  const chooseRole = (next: KeyRole) => {
    setRole(next);
    setScopes(SCOPES[next]);
  };
  const toggle = (scope: Scope) => setScopes((now) => (now.includes(scope) ? now.filter((one) => one !== scope) : [...now, scope]));
  if (!open) return <Button onClick={() => setOpen(true)}>Make a key…</Button>;
  return (
    <form className={formClass} onSubmit={submit}>
      <TextField label="What it is for" required maxLength={100} value={name} onChange={setName} hint="So that you know it again: “Payroll sync”." />
      <Field label="It may do what this role may">
        <select value={role} onChange={(event) => chooseRole(event.target.value as KeyRole)}>
          {FOR_KEYS.map((one) => (
            <option key={one} value={one}>
              {ROLE_NAMES[one]}: {ROLE_MEANING[one]}
            </option>
          ))}
        </select>
      </Field>
      <fieldset className={styles.scopes}>
        <legend>Of that, it may</legend>
        {SCOPES[role].map((scope) => (
          <label key={scope}>
            <input type="checkbox" checked={scopes.includes(scope)} onChange={() => toggle(scope)} />
            {SCOPE_NAMES[scope]}
          </label>
        ))}
      </fieldset>
      <Field label="It works for">
        <select value={days} onChange={(event) => setDays(Number(event.target.value))}>
          {LASTS.map(([count, label]) => (
            <option key={label} value={count}>
              {label}
            </option>
          ))}
        </select>
      </Field>
      {make.problem && <Failure problem={make.problem} />}
      <Actions>
        <Button type="submit" primary disabled={make.busy || scopes.length === 0}>
          {make.busy ? 'Making…' : 'Make the key'}
        </Button>
        <Button onClick={() => setOpen(false)}>Not now</Button>
      </Actions>
    </form>
  );
}

function Shown({ secret, onKept }: { secret: string; onKept: () => void }) {
  const say = useSay();
  const copy = async () => {
    await navigator.clipboard.writeText(secret);
    say('The key is in the clipboard.');
  };
  return (
    <div className={styles.shown} role="status">
      <p>
        <strong>Keep this key.</strong> It is shown only now; the server keeps its hash.
      </p>
      <code className={styles.secret}>{secret}</code>
      <Actions>
        <Button onClick={() => void copy()}>Copy</Button>
        <Button primary onClick={onKept}>
          I have kept it
        </Button>
      </Actions>
    </div>
  );
}
