/** Whether the law forbids that anything goes. */
import { type FormEvent, useState } from 'react';
import { useClient } from 'urql';
import { mutate } from '@/shared/api/mutate';
import { advance } from '@/shared/api/tick';
import { useAction } from '@/shared/api/use-action';
import { useData } from '@/shared/api/use-data';
import { LegalHoldDocument, LiftLegalHoldDocument, SetLegalHoldDocument } from '@/shared/graphql/generated';
import { formatMoment } from '@/shared/time/moment';
import { Button } from '@/shared/ui/button';
import { Actions, formClass } from '@/shared/ui/settings';
import { Failure, Skeleton } from '@/shared/ui/states';
import { TextField } from '@/shared/ui/text-field';
import { useView } from '@/shared/view/view';

export function LegalHold({ owner }: { owner: boolean }) {
  const { business } = useView();
  const { data, problem, at, retry } = useData(LegalHoldDocument, { id: business.id });
  const [open, setOpen] = useState(false);
  const hold = data?.business?.legalHold;
  const done = (position: number) => {
    setOpen(false);
    advance(position);
    retry();
  };
  if (!data?.business) return problem ? <Failure problem={problem} at={at} retry={retry} /> : <Skeleton lines={1} />;
  return (
    <>
      <p>{hold ? `Since ${formatMoment(hold.since, business.timeZone)}: “${hold.reason}”.` : 'None stands.'}</p>
      {open ? <Reason standing={Boolean(hold)} onDone={done} onLeave={() => setOpen(false)} /> : owner && <Button onClick={() => setOpen(true)}>{hold ? 'Lift it…' : 'Set one…'}</Button>}
    </>
  );
}

function Reason({ standing, onDone, onLeave }: { standing: boolean; onDone: (position: number) => void; onLeave: () => void }) {
  const { business } = useView();
  const client = useClient();
  const [reason, setReason] = useState('');
  const put = useAction(async () => {
    const given = { business: business.id, reason: reason.trim() };
    const { position } = standing ? (await mutate(client, LiftLegalHoldDocument, given)).liftLegalHold : (await mutate(client, SetLegalHoldDocument, given)).setLegalHold;
    onDone(position);
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void put.run();
  };
  return (
    <form className={formClass} onSubmit={submit}>
      <TextField label={standing ? 'Why is the hold lifted?' : 'What is it for?'} required maxLength={500} value={reason} onChange={setReason} hint="It stands in the audit history." />
      {put.problem && <Failure problem={put.problem} />}
      <Actions>
        <Button type="submit" primary disabled={put.busy || reason.trim() === ''}>
          {standing ? 'Lift the hold' : 'Set the hold'}
        </Button>
        <Button onClick={onLeave}>Leave it</Button>
      </Actions>
    </form>
  );
}
