/** An account: a name, an address that is confirmed by mail, and a password. */
import { Link, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useAction } from '@/shared/api/use-action';
import { register } from '@/shared/identity/api';
import { Button } from '@/shared/ui/button';
import { Entry, EntryFoot, entryForm } from '@/shared/ui/entry';
import { Failure } from '@/shared/ui/states';
import { NewPasswordField, TextField } from '@/shared/ui/text-field';

export function RegisterAccount() {
  const { email: invited } = useSearch({ strict: false }) as { email?: string };
  const [name, setName] = useState('');
  const [email, setEmail] = useState(invited ?? '');
  const [password, setPassword] = useState('');
  const [sent, setSent] = useState<string>();
  const send = useAction(async () => {
    const to = email.trim();
    await register({ email: to, password, name: name.trim() });
    setSent(to);
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void send.run();
  };
  if (sent) return <MailSent to={sent} again={send} onBack={() => setSent(undefined)} />;
  return (
    <Entry title="Make an account">
      <form className={entryForm} onSubmit={submit}>
        <TextField label="Your name" autoComplete="name" required maxLength={200} value={name} onChange={setName} hint="As your colleagues will see it." />
        <TextField label="E-mail" type="email" autoComplete="username" required value={email} onChange={setEmail} hint="A mail with a link shows that it is yours." />
        <NewPasswordField value={password} onChange={setPassword} />
        {send.problem && <Failure problem={send.problem} advice="" />}
        <Button type="submit" primary disabled={send.busy}>
          {send.busy ? 'Sending…' : 'Send me the link'}
        </Button>
      </form>
      <EntryFoot>
        <p>
          There is one already? <Link to="/sign-in">Sign in</Link>
        </p>
      </EntryFoot>
    </Entry>
  );
}

function MailSent({ to, again, onBack }: { to: string; again: ReturnType<typeof useAction<[], void>>; onBack: () => void }) {
  return (
    <Entry title="Look into your mail">
      <p>
        A link went to <strong>{to}</strong>. Open it to confirm the address; it works once. Where the address has an account already, the mail says so instead.
      </p>
      {again.problem && <Failure problem={again.problem} advice="" />}
      <EntryFoot>
        <p>
          Nothing came? Look among the unwanted mail, or{' '}
          <button type="button" className="link" disabled={again.busy} onClick={() => void again.run()}>
            send it again
          </button>
          .
        </p>
        <p>
          <button type="button" className="link" onClick={onBack}>
            The address was mistyped
          </button>
        </p>
      </EntryFoot>
    </Entry>
  );
}
