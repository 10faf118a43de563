import { useState } from 'react';
import { useClient } from 'urql';
import { mutate } from '@/shared/api/mutate';
import { useAction } from '@/shared/api/use-action';
import { useReadAgain } from '@/shared/api/use-head';
import { RequestErasureDocument, WithdrawErasureDocument } from '@/shared/graphql/generated';
import { formatMoment } from '@/shared/time/moment';
import { Button } from '@/shared/ui/button';
import { ConfirmPhrase } from '@/shared/ui/confirm-phrase';
import { useSay } from '@/shared/ui/notice';
import { Failure } from '@/shared/ui/states';
import { useView } from '@/shared/view/view';

/** The whole business, for good: asked for by its name, and taken back by one press while there is time. */
export function Erasure() {
  const { business } = useView();
  return business.erasure ? <Underway dueAt={business.erasure.dueAt} /> : <Ask />;
}

function Ask() {
  const { business } = useView();
  const client = useClient();
  const say = useSay();
  const readAgain = useReadAgain(business.id);
  const [open, setOpen] = useState(false);
  const request = useAction(async (confirmation: string) => {
    const { requestErasure } = await mutate(client, RequestErasureDocument, { business: business.id, confirmation });
    await readAgain(requestErasure.position);
    say(`${business.name} is to be erased. Every owner gets a letter.`);
  });
  if (!open) return <Button onClick={() => setOpen(true)}>Erase this business…</Button>;
  return (
    <ConfirmPhrase phrase={business.name} label="Name of the business" go="Erase it in thirty days" busy="Asking…" action={request} onLeave={() => setOpen(false)}>
      <p>
        All transactions, files, forecasts and reports of {business.name} go, for every member. From now on nothing more can be imported; the figures
        stay readable for thirty days, in which any owner can take this back. Export first what you want to keep.
      </p>
    </ConfirmPhrase>
  );
}

function Underway({ dueAt }: { dueAt: string }) {
  const { business } = useView();
  const client = useClient();
  const say = useSay();
  const readAgain = useReadAgain(business.id);
  const keep = useAction(async () => {
    const { withdrawErasure } = await mutate(client, WithdrawErasureDocument, { business: business.id });
    await readAgain(withdrawErasure.position);
    say(`${business.name} stays.`);
  });
  return (
    <>
      <p>
        It is erased on <strong>{formatMoment(dueAt, business.timeZone)}</strong>. Until then nothing more comes into it. Afterwards its former owners find a certificate under “Your account”.
      </p>
      {keep.problem && <Failure problem={keep.problem} />}
      <Button primary disabled={keep.busy} onClick={() => void keep.run()}>
        {keep.busy ? 'Taking it back…' : `Keep ${business.name}`}
      </Button>
    </>
  );
}
