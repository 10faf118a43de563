/** A forgotten password: a link by mail, and a new one. */
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { useAction } from '@/shared/api/use-action';
import { forgotPassword, resetPassword } from '@/shared/identity/api';
import { Button, primaryClass } from '@/shared/ui/button';
import { Entry, EntryFoot, entryForm } from '@/shared/ui/entry';
import { Failure } from '@/shared/ui/states';
import { NewPasswordField, TextField } from '@/shared/ui/text-field';

export function ForgotPassword() {
  const [email, setEmail] = useState('');
  const [sent, setSent] = useState<string>();
  const send = useAction(async () => {
    await forgotPassword(email.trim());
    setSent(email.trim());
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void send.run();
  };
  if (sent) {
    return (
      <Entry title="Look into your mail">
        <p>
          If <strong>{sent}</strong> has an account, a link to a new password went there. It works once, within the hour.
        </p>
        <EntryFoot>
          <p>
            <button type="button" className="link" onClick={() => setSent(undefined)}>
              Another address
            </button>
          </p>
          <p>
            <Link to="/sign-in">Back to sign in</Link>
          </p>
        </EntryFoot>
      </Entry>
    );
  }
  return (
    <Entry title="Forgot your password?">
      <p className="muted">A link to a new one comes by mail.</p>
      <form className={entryForm} onSubmit={submit}>
        <TextField label="E-mail" type="email" autoComplete="username" required value={email} onChange={setEmail} />
        {send.problem && <Failure problem={send.problem} advice="" />}
        <Button type="submit" primary disabled={send.busy}>
          {send.busy ? 'Sending…' : 'Send me the link'}
        </Button>
      </form>
      <EntryFoot>
        <p>
          <Link to="/sign-in">Back to sign in</Link>
        </p>
      </EntryFoot>
    </Entry>
  );
}

export function ResetPassword() {
  const { token } = useSearch({ strict: false }) as { token?: string };
  const navigate = useNavigate();
  const [kept] = useState(token);
  const [password, setPassword] = useState('');
  const [done, setDone] = useState(false);
  const reset = useAction(async () => {
    await resetPassword(kept ?? '', password);
    setDone(true);
  });
  useEffect(() => {
    if (token) void navigate({ to: '.', search: {}, replace: true });
  }, [token, navigate]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void reset.run();
  };
  if (done) {
    return (
      <Entry title="The password is changed">
        <p>All sessions of this account have ended, on this device too.</p>
        <p>
          <Link to="/sign-in" search={{}} className={primaryClass}>
            Sign in
          </Link>
        </p>
      </Entry>
    );
  }
  if (!kept) {
    return (
      <Entry title="This link does not work any more" urgent>
        <p>It works once, within the hour; your password is as it was.</p>
        <p>
          <Link to="/forgot-password">Send another link</Link>
        </p>
      </Entry>
    );
  }
  return (
    <Entry title="Choose a new password">
      <form className={entryForm} onSubmit={submit}>
        <NewPasswordField label="New password" value={password} onChange={setPassword} />
        {reset.problem && <Failure problem={reset.problem} advice="" />}
        <Button type="submit" primary disabled={reset.busy}>
          {reset.busy ? 'Changing…' : 'Change it'}
        </Button>
      </form>
      <EntryFoot>
        <p>
          Refused? <Link to="/forgot-password">Send another link</Link>
        </p>
      </EntryFoot>
    </Entry>
  );
}
