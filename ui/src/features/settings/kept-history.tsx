/** How long the audit history is kept, and where what left it is. */
import { type FormEvent, useState } from 'react';
import { useClient } from 'urql';
import { mutate } from '@/shared/api/mutate';
import { advance } from '@/shared/api/tick';
import { useAction } from '@/shared/api/use-action';
import { useData } from '@/shared/api/use-data';
import { KeptHistoryDocument, type KeptHistoryQuery, SetRetentionDocument } from '@/shared/graphql/generated';
import { formatCount } from '@/shared/number/format';
import { formatMoment } from '@/shared/time/moment';
import { Button } from '@/shared/ui/button';
import { Actions, formClass } from '@/shared/ui/settings';
import { Failure, Skeleton } from '@/shared/ui/states';
import { TextField } from '@/shared/ui/text-field';
import { useView } from '@/shared/view/view';
import styles from './settings.module.css';

type Kept = NonNullable<KeptHistoryQuery['business']>;

export function KeptHistory({ owner }: { owner: boolean }) {
  const { business } = useView();
  const { data, problem, at, retry } = useData(KeptHistoryDocument, { id: business.id });
  const [open, setOpen] = useState(false);
  const kept = data?.business;
  const done = (position: number) => {
    setOpen(false);
    advance(position);
    retry();
  };
  if (!kept) return problem ? <Failure problem={problem} at={at} retry={retry} /> : <Skeleton lines={2} />;
  return (
    <>
      <p>{formatCount(kept.retention.months)} months are kept; longer while a legal hold stands.</p>
      {open ? <Period kept={kept.retention} onDone={done} onLeave={() => setOpen(false)} /> : owner && <Button onClick={() => setOpen(true)}>Change it…</Button>}
      <Archives archives={kept.archives} />
    </>
  );
}

function Period({ kept, onDone, onLeave }: { kept: Kept['retention']; onDone: (position: number) => void; onLeave: () => void }) {
  const { business } = useView();
  const client = useClient();
  const [text, setText] = useState(String(kept.months));
  const months = /^\d{1,3}$/.test(text.trim()) ? Number(text) : Number.NaN;
  const fits = months >= kept.least && months <= kept.most;
  const put = useAction(async () => {
    const { setRetention } = await mutate(client, SetRetentionDocument, { business: business.id, months });
    onDone(setRetention.position);
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void put.run();
  };
  return (
    <form className={formClass} onSubmit={submit}>
      <TextField
        label="Months to keep"
        required
        inputMode="numeric"
        value={text}
        onChange={setText}
        hint={`From ${kept.least} to ${kept.most}. With fewer than now, what is older leaves the list within the hour.`}
      />
      {put.problem && <Failure problem={put.problem} />}
      <Actions>
        <Button type="submit" primary disabled={put.busy || !fits || months === kept.months}>
          Keep so many
        </Button>
        <Button onClick={onLeave}>Leave it</Button>
      </Actions>
    </form>
  );
}

function Archives({ archives }: { archives: Kept['archives'] }) {
  const { business } = useView();
  if (archives.length === 0) return <p className="muted">Nothing is archived yet.</p>;
  return (
    <table className={styles.archives}>
      <caption className="muted">Archived, newest first. workdock audit verify checks a file on any machine.</caption>
      <thead>
        <tr>
          <th scope="col">Known before</th>
          <th scope="col" className="num">
            Entries
          </th>
          <th scope="col">SHA-256</th>
          <th scope="col">File</th>
        </tr>
      </thead>
      <tbody>
        {archives.map((archive) => (
          <tr key={archive.position}>
            <td>{formatMoment(archive.before, business.timeZone)}</td>
            <td className="num">{formatCount(archive.events)}</td>
            <td>
              <code title={archive.sha256}>{archive.sha256.slice(0, 12)}…</code>
            </td>
            <td>
              <a href={`/api/v1/businesses/${business.id}/audit/archives/${archive.position}`} download>
                {archive.file}
              </a>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
