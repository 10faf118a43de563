/** Signing in: a password and, where it is set up, a second factor; or a passkey alone; or a printed link. */
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { queryStore } from '@/shared/api/query-store';
import { mayBeSignedIn, noteSignIn, renewSession } from '@/shared/api/session';
import { useAction } from '@/shared/api/use-action';
import { finishPasskeySignIn, type Method, signInByPassword, type SignInStep, startPasskeySignIn } from '@/shared/identity/api';
import { hasPasskeys, provePasskey } from '@/shared/identity/passkey';
import { Button } from '@/shared/ui/button';
import { Entry, EntryFoot, entryForm } from '@/shared/ui/entry';
import { Failure } from '@/shared/ui/states';
import { PasswordField, TextField } from '@/shared/ui/text-field';
import { NewLink, OneTimeLink } from './one-time-link';
import { SecondFactor } from './second-factor';

export function SignIn() {
  const { token, back } = useSearch({ strict: false }) as { token?: string; back?: string };
  const navigate = useNavigate();
  const [methods, setMethods] = useState<Method[]>();
  const [renewing, setRenewing] = useState(() => !token && (back !== undefined || mayBeSignedIn()));
  const goOn = async () => {
    queryStore.clear();
    await navigate({ href: back ?? '/', replace: true });
  };
  const enter = async () => {
    noteSignIn();
    await goOn();
  };
  // Whoever comes here may still be signed in: only the short access token had run out when the page was asked for.
  useEffect(() => {
    if (!renewing) return;
    void renewSession()
      .catch(() => false)
      .then((renewed) => (renewed ? goOn() : setRenewing(false)));
  }, []); // eslint-disable-line react-hooks/exhaustive-deps

  const take = async (step: SignInStep) => {
    if (step.next === 'DONE') await enter();
    else setMethods(step.methods ?? ['TOTP', 'RECOVERY_CODE']);
  };
  if (renewing) return <main aria-busy="true" />;
  if (token) return <OneTimeLink token={token} onDone={enter} />;
  if (methods) return <SecondFactor methods={methods} onStep={take} onBack={() => setMethods(undefined)} />;
  return <Password ended={back !== undefined} onStep={take} />;
}

function Password({ ended, onStep }: { ended: boolean; onStep: (step: SignInStep) => Promise<void> }) {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const byPassword = useAction(async () => onStep(await signInByPassword(email.trim(), password)));
  const byPasskey = useAction(async () => onStep(await finishPasskeySignIn(await provePasskey(await startPasskeySignIn()))));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    byPasskey.forget();
    void byPassword.run();
  };
  const problem = byPassword.problem ?? byPasskey.problem;
  return (
    <Entry title={ended ? 'Your session has ended' : 'Sign in'}>
      {ended && <p className="muted">What you were looking at is kept, and nothing was lost; sign in again to go on there.</p>}
      <form className={entryForm} onSubmit={submit}>
        <TextField label="E-mail" type="email" autoComplete="username webauthn" required value={email} onChange={setEmail} />
        <PasswordField label="Password" autoComplete="current-password" required value={password} onChange={setPassword} />
        {problem && <Failure problem={problem} advice="" />}
        <Button type="submit" primary disabled={byPassword.busy}>
          {byPassword.busy ? 'Signing in…' : 'Sign in'}
        </Button>
      </form>
      <EntryFoot>
        {hasPasskeys() && (
          <p>
            <Button
              disabled={byPasskey.busy}
              onClick={() => {
                byPassword.forget();
                void byPasskey.run();
              }}
            >
              {byPasskey.busy ? 'Waiting for the passkey…' : 'Sign in with a passkey'}
            </Button>
          </p>
        )}
        <p>
          <Link to="/forgot-password">Forgot your password?</Link>
        </p>
        <p>
          New here? <Link to="/register">Make an account</Link>
        </p>
        <NewLink />
      </EntryFoot>
    </Entry>
  );
}
