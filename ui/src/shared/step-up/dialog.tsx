/** Asks for the second factor and lets what was refused go on. */
import { type FormEvent, type ReactNode, useState } from 'react';
import { type Action, useAction } from '@/shared/api/use-action';
import { useLoaded } from '@/shared/api/use-loaded';
import type { Problem } from '@/shared/api/problem';
import { confirm, type Factors, finishPasskeyConfirmation, readFactors, startPasskeyConfirmation } from '@/shared/identity/api';
import { hasPasskeys, provePasskey } from '@/shared/identity/passkey';
import { Button } from '@/shared/ui/button';
import { Dialog } from '@/shared/ui/dialog';
import { Failure, Skeleton } from '@/shared/ui/states';
import { CodeField, PasswordField, TextField } from '@/shared/ui/text-field';
import styles from './dialog.module.css';
import { useAsking } from './step-up';

export function StepUpDialog() {
  const asking = useAsking();
  return asking && <Ask done={asking.done} declined={asking.declined} />;
}

function Ask({ done, declined }: { done: () => void; declined: () => void }) {
  const { data, problem, reload } = useLoaded('factors', readFactors);
  return (
    <Dialog label="Confirm that it is you" onClose={declined}>
      <div className={styles.ask}>
        <h2>Confirm that it is you</h2>
        {problem && <Failure problem={problem} retry={() => void reload()} />}
        {!data && !problem && <Skeleton lines={2} />}
        {data && (hasFactor(data) ? <ByFactor factors={data} done={done} declined={declined} /> : <ByPassword done={done} declined={declined} />)}
      </div>
    </Dialog>
  );
}

const hasFactor = (factors: Factors): boolean => factors.totp || factors.passkeys.length > 0;

interface WayProps {
  done: () => void;
  declined: () => void;
}

/** The app first, where there is one; a passkey or a recovery code instead. */
function ByFactor({ factors, done, declined }: WayProps & { factors: Factors }) {
  const [recovery, setRecovery] = useState(!factors.totp);
  const [code, setCode] = useState('');
  const send = useAction(() => confirm({ code: code.trim() }).then(done), { plain: true });
  const byPasskey = useAction(async () => {
    await finishPasskeyConfirmation(await provePasskey(await startPasskeyConfirmation()));
    done();
  }, { plain: true });
  const choose = (next: boolean) => {
    setRecovery(next);
    setCode('');
    send.forget();
  };
  const passkey = factors.passkeys.length > 0 && hasPasskeys();
  return (
    <Way
      note={recovery ? 'One of the recovery codes that you kept; each works once.' : 'The six digits that your authenticator app shows. They count for ten minutes.'}
      send={send}
      declined={declined}
      others={
        <>
          {passkey && (
            <Button disabled={byPasskey.busy} onClick={() => void byPasskey.run()}>
              {byPasskey.busy ? 'Waiting for the passkey…' : 'Use a passkey'}
            </Button>
          )}
          {factors.totp && factors.recoveryCodesLeft > 0 && (
            <button type="button" className="link" onClick={() => choose(!recovery)}>
              {recovery ? 'Use the app' : 'Use a recovery code'}
            </button>
          )}
        </>
      }
      problem={byPasskey.problem}
    >
      {recovery ? (
        <TextField key="recovery" label="Recovery code" value={code} onChange={setCode} autoComplete="off" autoCapitalize="none" spellCheck={false} required />
      ) : (
        <CodeField key="app" label="Code from the app" value={code} onChange={setCode} first />
      )}
    </Way>
  );
}

function ByPassword({ done, declined }: WayProps) {
  const [password, setPassword] = useState('');
  const send = useAction(() => confirm({ password }).then(done), { plain: true });
  return (
    <Way note="You have no second factor yet, so your password it is. It counts for ten minutes." send={send} declined={declined}>
      <PasswordField label="Password" autoComplete="current-password" required value={password} onChange={setPassword} />
    </Way>
  );
}

interface FormProps {
  note: string;
  send: Action<[], void>;
  declined: () => void;
  others?: ReactNode;
  problem?: Problem | undefined;
  children: ReactNode;
}

function Way({ note, send, declined, others, problem = send.problem, children }: FormProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void send.run();
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      <p className="muted">{note}</p>
      {children}
      {problem && <Failure problem={problem} advice="" />}
      <div className={styles.actions}>
        <Button type="submit" primary disabled={send.busy}>
          {send.busy ? 'Confirming…' : 'Confirm and go on'}
        </Button>
        <Button onClick={declined}>Leave it</Button>
        {others}
      </div>
    </form>
  );
}
