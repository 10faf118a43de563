import { type FormEvent, useState } from 'react';
import { useAction } from '@/shared/api/use-action';
import { finishPasskey, newRecoveryCodes, type Passkey, removePasskey, startPasskey } from '@/shared/identity/api';
import { createPasskey, hasPasskeys } from '@/shared/identity/passkey';
import { formatAgo } from '@/shared/time/moment';
import { Button } from '@/shared/ui/button';
import { useSay } from '@/shared/ui/notice';
import { Actions, formClass, Row, Rows, Setting } from '@/shared/ui/settings';
import { Failure, Skeleton } from '@/shared/ui/states';
import { TextField } from '@/shared/ui/text-field';
import { RecoveryCodes, RecoveryCodesLeft } from './recovery-codes';
import type { FactorsState } from './use-factors';

/** Passkeys, by a name that tells them apart. */
export function Passkeys({ factors }: { factors: FactorsState }) {
  const { data, reload } = factors;
  const [codes, setCodes] = useState<string[]>();
  // Of whoever has an app the codes stand beside it.
  const alone = data && !data.totp && data.passkeys.length > 0;
  const added = async () => {
    if (data?.recoveryCodesLeft === 0) setCodes((await newRecoveryCodes()).recoveryCodes);
    await reload();
  };
  return (
    <Setting
      id="passkeys"
      title="Passkeys"
      note="This device’s lock, or a key that you plug in, in place of password and code. It cannot be typed into a false page."
    >
      {!data && !factors.problem && <Skeleton lines={1} />}
      {data && data.passkeys.length > 0 && (
        <Rows label="Passkeys">
          {data.passkeys.map((passkey) => (
            <One key={passkey.id} passkey={passkey} onChanged={reload} />
          ))}
          {alone && !codes && <RecoveryCodesLeft left={data.recoveryCodesLeft} onCodes={setCodes} onChanged={reload} />}
        </Rows>
      )}
      {codes && <RecoveryCodes codes={codes} onKept={() => setCodes(undefined)} />}
      {data && !codes && (hasPasskeys() ? <Add onAdded={added} /> : <p className="muted">This browser can make none here: passkeys need a secure page at a name, such as https://workdock.example or http://localhost.</p>)}
    </Setting>
  );
}

function One({ passkey, onChanged }: { passkey: Passkey; onChanged: () => Promise<void> }) {
  const [sure, setSure] = useState(false);
  const remove = useAction(async () => {
    await removePasskey(passkey.id);
    await onChanged();
  });
  const used = passkey.lastUsedAt ? `used ${ago(passkey.lastUsedAt)}` : 'not used yet';
  return (
    <Row title={passkey.name} note={`Made ${ago(passkey.createdAt)}, ${used}`}>
      {remove.problem && <Failure problem={remove.problem} />}
      {sure ? (
        <>
          <Button primary disabled={remove.busy} onClick={() => void remove.run()}>
            Remove for good
          </Button>
          <Button onClick={() => setSure(false)}>Keep it</Button>
        </>
      ) : (
        <Button onClick={() => setSure(true)}>Remove…</Button>
      )}
    </Row>
  );
}

const ago = (iso: string): string => formatAgo(Date.now() - Date.parse(iso));

function Add({ onAdded }: { onAdded: () => Promise<void> }) {
  const [open, setOpen] = useState(false);
  const [name, setName] = useState('');
  const say = useSay();
  const add = useAction(async () => {
    await finishPasskey(await createPasskey(await startPasskey(name.trim())));
    setOpen(false);
    setName('');
    say('The passkey is ready: it signs you in by itself.');
    await onAdded();
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void add.run();
  };
  if (!open) return <Button onClick={() => setOpen(true)}>Add a passkey…</Button>;
  return (
    <form className={formClass} onSubmit={submit}>
      <TextField label="Name of the device or key" required maxLength={100} value={name} onChange={setName} hint="So that you know it again: “Laptop”, “Blue key”." />
      {add.problem && <Failure problem={add.problem} />}
      <Actions>
        <Button type="submit" primary disabled={add.busy}>
          {add.busy ? 'Waiting for the device…' : 'Make the passkey'}
        </Button>
        <Button onClick={() => setOpen(false)}>Not now</Button>
      </Actions>
    </form>
  );
}
