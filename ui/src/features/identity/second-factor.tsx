import { type FormEvent, useState } from 'react';
import { useAction } from '@/shared/api/use-action';
import { finishPasskeySignIn, type Method, signInBySecondFactor, type SignInStep, startPasskeySignIn } from '@/shared/identity/api';
import { hasPasskeys, provePasskey } from '@/shared/identity/passkey';
import { Button } from '@/shared/ui/button';
import { Entry, EntryFoot, entryForm } from '@/shared/ui/entry';
import { Failure } from '@/shared/ui/states';
import { CodeField, TextField } from '@/shared/ui/text-field';

export interface SecondFactorProps {
  methods: Method[];
  onStep: (step: SignInStep) => Promise<void>;
  onBack: () => void;
}

const NOTES = {
  TOTP: 'Now the six digits that your authenticator app shows.',
  RECOVERY_CODE: 'Now one of the recovery codes that you kept; each works once.',
};

/** The second step: the app's code, a recovery code, or a passkey. */
export function SecondFactor({ methods, onStep, onBack }: SecondFactorProps) {
  const [method, setMethod] = useState<'TOTP' | 'RECOVERY_CODE'>(methods.includes('TOTP') ? 'TOTP' : 'RECOVERY_CODE');
  const [code, setCode] = useState('');
  const byCode = useAction(async () => onStep(await signInBySecondFactor(method, code.trim())));
  const byPasskey = useAction(async () => onStep(await finishPasskeySignIn(await provePasskey(await startPasskeySignIn()))));
  const typed = methods.includes('TOTP') || methods.includes('RECOVERY_CODE');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void byCode.run();
  };
  const choose = (next: typeof method) => {
    setMethod(next);
    setCode('');
    byCode.forget();
  };
  const problem = byCode.problem ?? byPasskey.problem;
  return (
    <Entry title="Your second factor">
      <p className="muted">
        The password was right. {typed ? NOTES[method] : hasPasskeys() ? 'Now your passkey: the lock of this device, or your key.' : 'Now your passkey, which this browser does not offer here: passkeys need a secure page at a name.'}
      </p>
      {typed && (
        <form className={entryForm} onSubmit={submit}>
          {method === 'TOTP' && <CodeField key="totp" label="Code from the app" value={code} onChange={setCode} first />}
          {method === 'RECOVERY_CODE' && (
            <TextField key="recovery" label="Recovery code" value={code} onChange={setCode} autoComplete="off" autoCapitalize="none" spellCheck={false} required />
          )}
          {problem && <Failure problem={problem} advice="" />}
          <Button type="submit" primary disabled={byCode.busy}>
            {byCode.busy ? 'Signing in…' : 'Go on'}
          </Button>
        </form>
      )}
      {!typed && problem && <Failure problem={problem} advice="" />}
      <EntryFoot>
        {methods.includes('PASSKEY') && hasPasskeys() && (
          <p>
            <Button primary={!typed} disabled={byPasskey.busy} onClick={() => void byPasskey.run()}>
              {byPasskey.busy ? 'Waiting for the passkey…' : 'Use a passkey'}
            </Button>
          </p>
        )}
        {methods.includes('TOTP') && methods.includes('RECOVERY_CODE') && (
          <p>
            <button type="button" className="link" onClick={() => choose(method === 'TOTP' ? 'RECOVERY_CODE' : 'TOTP')}>
              {method === 'TOTP' ? 'The phone is gone: use a recovery code' : 'Use the authenticator app'}
            </button>
          </p>
        )}
        <p>
          <button type="button" className="link" onClick={onBack}>
            Sign in as somebody else
          </button>
        </p>
      </EntryFoot>
    </Entry>
  );
}
