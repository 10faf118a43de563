/** What is kept about oneself: all of it as an archive, and all of it gone. */
import { useState } from 'react';
import { useAction } from '@/shared/api/use-action';
import { useLoaded } from '@/shared/api/use-loaded';
import { type Leaving, type Profile, readLeaving, requestLeaving, savePersonalData, withdrawLeaving } from '@/shared/identity/api';
import { formatDay } from '@/shared/time/moment';
import { Button } from '@/shared/ui/button';
import { ConfirmPhrase } from '@/shared/ui/confirm-phrase';
import { useSay } from '@/shared/ui/notice';
import { Setting } from '@/shared/ui/settings';
import { Failure, Skeleton } from '@/shared/ui/states';

export function PersonalData({ profile }: { profile: Profile }) {
  const { data, problem, at, reload, put } = useLoaded('erasure', readLeaving);
  return (
    <>
      <Setting id="personal-data" title="Your data" note="Profile, sessions, factors, roles, and what the audit history says of you.">
        <SaveIt />
      </Setting>
      <Setting id="leaving" title="Leave for good" note="Thirty days in which you can take it back. After that your name and address are gone from everywhere.">
        {problem && <Failure problem={problem} at={at} retry={() => void reload()} />}
        {!data && !problem && <Skeleton lines={1} />}
        {data && (data.due_at ? <Underway dueAt={data.due_at} onChanged={reload} /> : <Ask profile={profile} leaving={data} onChanged={put} />)}
      </Setting>
    </>
  );
}

function SaveIt() {
  const say = useSay();
  const take = useAction(async () => {
    await savePersonalData();
    say('The archive is saved.');
  });
  return (
    <>
      {take.problem && <Failure problem={take.problem} />}
      <Button disabled={take.busy} onClick={() => void take.run()}>
        {take.busy ? 'Gathering it…' : 'Export all about you'}
      </Button>
    </>
  );
}

function Ask({ profile, leaving, onChanged }: { profile: Profile; leaving: Leaving; onChanged: (leaving: Leaving) => void }) {
  const [open, setOpen] = useState(false);
  const request = useAction(async (confirmation: string) => onChanged(await requestLeaving(confirmation)));
  const alone = leaving.sole_owner_of.length;
  if (alone > 0) {
    return (
      <p>
        You are the only owner of {alone === 1 ? 'a business' : `${alone} businesses`}. Make somebody else an owner, or erase {alone === 1 ? 'it' : 'them'} first:{' '}
        {leaving.sole_owner_of.map((id, index) => (
          <span key={id}>
            {index > 0 && ', '}
            <a href={`/b/${id}/team`} className="link">{alone === 1 ? 'its team' : `team ${index + 1}`}</a>
          </span>
        ))}
        .
      </p>
    );
  }
  if (!open) return <Button onClick={() => setOpen(true)}>Erase your account…</Button>;
  return (
    <ConfirmPhrase phrase={profile.email ?? ''} label="Your address" go="Erase it in thirty days" busy="Asking…" action={request} onLeave={() => setOpen(false)}>
      <p>Your account, sessions and roles go. Businesses stay as they are; in their history a number stands in place of your name.</p>
    </ConfirmPhrase>
  );
}

function Underway({ dueAt, onChanged }: { dueAt: string; onChanged: () => Promise<void> }) {
  const say = useSay();
  const keep = useAction(async () => {
    await withdrawLeaving();
    await onChanged();
    say('Your account stays.');
  });
  return (
    <>
      <p>
        Your account is erased on <strong>{formatDay(dueAt.slice(0, 10))}</strong>. Until then everything works as ever.
      </p>
      {keep.problem && <Failure problem={keep.problem} />}
      <Button primary disabled={keep.busy} onClick={() => void keep.run()}>
        {keep.busy ? 'Taking it back…' : 'Keep your account'}
      </Button>
    </>
  );
}
