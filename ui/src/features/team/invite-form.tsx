import { type FormEvent, useState } from 'react';
import { useClient } from 'urql';
import { mutate } from '@/shared/api/mutate';
import { useAction } from '@/shared/api/use-action';
import { InviteMemberDocument, type Role } from '@/shared/graphql/generated';
import { Button } from '@/shared/ui/button';
import { useSay } from '@/shared/ui/notice';
import { Failure } from '@/shared/ui/states';
import { TextField } from '@/shared/ui/text-field';
import { ROLE_MEANING, ROLE_NAMES, ROLES } from '@/shared/view/roles';
import { useView } from '@/shared/view/view';
import styles from './team.module.css';

export function InviteForm({ onInvited }: { onInvited: () => void }) {
  const { business } = useView();
  const client = useClient();
  const say = useSay();
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('VIEWER');
  const invite = useAction(async () => {
    const to = email.trim();
    await mutate(client, InviteMemberDocument, { business: business.id, email: to, role });
    setEmail('');
    say(`An invitation went to ${to}.`);
    onInvited();
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void invite.run();
  };
  return (
    <form className={styles.invite} onSubmit={submit}>
      <TextField label="E-mail" type="email" autoComplete="off" required value={email} onChange={setEmail} />
      <fieldset className={styles.roles}>
        <legend>Role</legend>
        {ROLES.map((one) => (
          <label key={one}>
            <input type="radio" name="role" value={one} checked={role === one} onChange={() => setRole(one)} />
            <span>
              {ROLE_NAMES[one]} <span className="muted">{ROLE_MEANING[one]}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {invite.problem && <Failure problem={invite.problem} />}
      <Button type="submit" primary disabled={invite.busy}>
        {invite.busy ? 'Inviting…' : 'Send the invitation'}
      </Button>
    </form>
  );
}
