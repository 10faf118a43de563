/** What concerns no business: sign-ins, and what was done to the installation. For whoever signed in by its link. */
import { Link } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { call } from '@/shared/api/http';
import { useAction } from '@/shared/api/use-action';
import { useLoaded } from '@/shared/api/use-loaded';
import { agentName } from '@/shared/identity/agent';
import { formatCount } from '@/shared/number/format';
import { formatMoment } from '@/shared/time/moment';
import { Button, buttonClass, inputClass } from '@/shared/ui/button';
import { Empty, Failure, Skeleton } from '@/shared/ui/states';
import styles from './audit.module.css';
import { KINDS } from './kinds';
import { isRefusal } from './words';

interface Entry {
  position: number;
  at: string;
  kind: string;
  actor: string;
  summary: string;
  address: string | null;
  agent: string | null;
}

interface Page {
  entries: Entry[];
  /** Cursor of the next page. */
  next: string | null;
}

interface Asked {
  kind?: string;
  text?: string;
}

const PAGE = '100';
const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const SECURITY = KINDS.filter(({ group }) => group === 'Security').flatMap(({ kinds }) => kinds);

const address = (query: Record<string, string>) => `/api/v1/audit?${new URLSearchParams(query).toString()}`;
const readPage = (asked: Asked, after?: string | null) => call<Page>('GET', address({ ...asked, first: PAGE, ...(after ? { after } : {}) }));

export function InstallationHistory() {
  const [asked, setAsked] = useState<Asked>({});
  useEffect(() => {
    document.title = 'History of this installation · Workdock';
  }, []);
  return (
    <main className={styles.alone}>
      <nav>
        <Link to="/account">Back to your account</Link>
      </nav>
      <h1>History of this installation</h1>
      <p className="muted">Newest first, in {ZONE}: sign-ins, accounts, and what was done to the installation. What concerns a business is in its own audit history.</p>
      <Asking put={setAsked} />
      <a className={buttonClass} href={address({ ...asked, format: 'csv' })} download>
        {asked.kind || asked.text ? 'These as CSV' : 'All as CSV'}
      </a>
      <Entries key={JSON.stringify(asked)} asked={asked} />
    </main>
  );
}

function Asking({ put }: { put: (asked: Asked) => void }) {
  const [kind, setKind] = useState('');
  const [text, setText] = useState('');
  const ask = (what: string) => put({ ...(what ? { kind: what } : {}), ...(text.trim() ? { text: text.trim() } : {}) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask(kind);
  };
  return (
    <form className={styles.filters} role="search" aria-label="Filter the history" onSubmit={submit}>
      <input type="search" className={inputClass} aria-label="Search" placeholder="Search words" value={text} onChange={(event) => setText(event.target.value)} />
      <select
        className={inputClass}
        aria-label="What"
        value={kind}
        onChange={(event) => {
          setKind(event.target.value);
          ask(event.target.value);
        }}
      >
        <option value="">Everything</option>
        {SECURITY.map(([one, name]) => (
          <option key={one} value={one}>
            {name}
          </option>
        ))}
      </select>
      <Button type="submit">Search</Button>
    </form>
  );
}

function Entries({ asked }: { asked: Asked }) {
  const { data, problem, at, reload, put } = useLoaded(`history ${JSON.stringify(asked)}`, () => readPage(asked));
  const more = useAction(async () => {
    if (!data?.next) return;
    const page = await readPage(asked, data.next);
    put({ entries: [...data.entries, ...page.entries], next: page.next });
  });
  if (!data) return problem ? <Failure problem={problem} at={at} retry={() => void reload()} /> : <Skeleton lines={8} />;
  if (data.entries.length === 0) return <Empty title={asked.kind || asked.text ? 'Nothing fits these filters.' : 'Nothing happened yet.'} />;
  return (
    <>
      <Table entries={data.entries} />
      {more.problem && <Failure problem={more.problem} />}
      {data.next && (
        <Button onClick={() => void more.run()} disabled={more.busy}>
          Show more
        </Button>
      )}
    </>
  );
}

function Table({ entries }: { entries: Entry[] }) {
  return (
    <table className={styles.changed}>
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">Who</th>
          <th scope="col">What</th>
          <th scope="col">From where</th>
          <th scope="col" className="num">
            Position
          </th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <tr key={entry.position}>
            <td className="muted">{formatMoment(entry.at, ZONE, { seconds: true })}</td>
            <td>{whoOf(entry.actor)}</td>
            <td className={isRefusal(entry.kind) ? 'bad' : undefined}>{entry.summary}</td>
            <td className="muted">{[entry.address, entry.agent && agentName(entry.agent)].filter(Boolean).join(', ')}</td>
            <td className="num muted">{formatCount(entry.position)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Accounts by their ids: names and addresses are theirs, and not shown to whoever runs the machine. */
function whoOf(actor: string): string {
  if (actor === 'owner') return 'Owner of the installation';
  if (actor === 'anonymous') return 'Nobody who is signed in';
  if (actor.startsWith('user:')) return `Account ${actor.slice(-8)}`;
  if (actor.startsWith('key:')) return `Key ${actor.slice(-8)}`;
  return `Workdock (${actor.replace(/^system:/, '').replaceAll('_', ' ')})`;
}
