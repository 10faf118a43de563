import { type FormEvent, useState } from 'react';
import { useAction } from '@/shared/api/use-action';
import { changeEmail, changeName, changePassword, type Profile } from '@/shared/identity/api';
import { Button } from '@/shared/ui/button';
import { useSay } from '@/shared/ui/notice';
import { formClass, Setting } from '@/shared/ui/settings';
import { Failure } from '@/shared/ui/states';
import { NewPasswordField, PasswordField, TextField } from '@/shared/ui/text-field';

interface Props {
  profile: Profile;
  onChanged: () => Promise<void>;
}

const submitted = (run: () => Promise<unknown>) => (event: FormEvent) => {
  event.preventDefault();
  void run();
};

/** Done at once; the way back is the name that was. */
export function NameSetting({ profile, onChanged }: Props) {
  const [name, setName] = useState(profile.name);
  const say = useSay();
  const put = async (next: string) => {
    await changeName(next);
    await onChanged();
  };
  const undo = useAction(() => put(profile.name));
  const save = useAction(async () => {
    await put(name.trim());
    say(`You are ${name.trim()} now.`, () => void undo.run());
  });
  const changed = name.trim() !== profile.name && name.trim() !== '';
  return (
    <Setting title="Name" note="As your colleagues and the audit history see it.">
      <form className={formClass} onSubmit={submitted(save.run)}>
        <TextField label="Your name" autoComplete="name" required maxLength={200} value={name} onChange={setName} />
        {save.problem && <Failure problem={save.problem} />}
        <Button type="submit" disabled={!changed || save.busy}>
          {save.busy ? 'Saving…' : 'Save the name'}
        </Button>
      </form>
    </Setting>
  );
}

export function EmailSetting({ profile, onChanged }: Props) {
  const [open, setOpen] = useState(false);
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [sent, setSent] = useState<string>();
  const send = useAction(async () => {
    await changeEmail(email.trim(), password);
    setSent(email.trim());
    setOpen(false);
    setPassword('');
    await onChanged();
  });
  return (
    <Setting title="E-mail" note="You sign in with it. Both addresses are told of a change, and the new one counts when it is confirmed.">
      <p>{profile.email}</p>
      {sent && (
        <p className="muted" role="status">
          A link went to {sent}. Until it is opened, the address above counts.
        </p>
      )}
      {open ? (
        <form className={formClass} onSubmit={submitted(send.run)}>
          <TextField label="New e-mail" type="email" autoComplete="email" required value={email} onChange={setEmail} />
          <PasswordField label="Your password" autoComplete="current-password" required value={password} onChange={setPassword} />
          {send.problem && <Failure problem={send.problem} />}
          <Button type="submit" primary disabled={send.busy}>
            {send.busy ? 'Sending…' : 'Send the link'}
          </Button>
        </form>
      ) : (
        <Button onClick={() => setOpen(true)}>Change the address…</Button>
      )}
    </Setting>
  );
}

export function PasswordSetting() {
  const [open, setOpen] = useState(false);
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const say = useSay();
  const save = useAction(async () => {
    await changePassword(current, next);
    setOpen(false);
    setCurrent('');
    setNext('');
    say('The password is changed. Your other sessions have ended.');
  });
  return (
    <Setting title="Password" note="A change ends all sessions but this one.">
      {open ? (
        <form className={formClass} onSubmit={submitted(save.run)}>
          <PasswordField label="Present password" autoComplete="current-password" required value={current} onChange={setCurrent} />
          <NewPasswordField label="New password" value={next} onChange={setNext} />
          {save.problem && <Failure problem={save.problem} />}
          <Button type="submit" primary disabled={save.busy}>
            {save.busy ? 'Changing…' : 'Change the password'}
          </Button>
        </form>
      ) : (
        <Button onClick={() => setOpen(true)}>Change the password…</Button>
      )}
    </Setting>
  );
}
