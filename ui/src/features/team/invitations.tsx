import { useClient } from 'urql';
import { mutate } from '@/shared/api/mutate';
import { useAction } from '@/shared/api/use-action';
import { InviteMemberDocument, ResendInvitationDocument, WithdrawInvitationDocument } from '@/shared/graphql/generated';
import { formatMoment } from '@/shared/time/moment';
import { Button } from '@/shared/ui/button';
import { useSay } from '@/shared/ui/notice';
import { Row, Rows } from '@/shared/ui/settings';
import { Failure } from '@/shared/ui/states';
import { ROLE_NAMES } from '@/shared/view/roles';
import { useView } from '@/shared/view/view';
import type { TeamData } from './team';

type Invitation = NonNullable<TeamData['invitations']>[number];

/** What is still open, or ran out before it was taken. */
export function Invitations({ invitations, onChanged }: { invitations: Invitation[]; onChanged: () => void }) {
  const shown = invitations.filter((one) => one.state === 'OPEN' || one.state === 'EXPIRED');
  if (shown.length === 0) return <p className="muted">None is open.</p>;
  return (
    <Rows label="Invitations">
      {shown.map((invitation) => (
        <One key={invitation.id} invitation={invitation} onChanged={onChanged} />
      ))}
    </Rows>
  );
}

function One({ invitation, onChanged }: { invitation: Invitation; onChanged: () => void }) {
  const { business } = useView();
  const client = useClient();
  const say = useSay();
  const { id, email, role } = invitation;
  const resend = useAction(async () => {
    await mutate(client, ResendInvitationDocument, { business: business.id, id });
    say(`A new link went to ${email}; the one before does not work any more.`);
    onChanged();
  });
  const again = useAction(async () => {
    await mutate(client, InviteMemberDocument, { business: business.id, email, role });
    onChanged();
  });
  const withdraw = useAction(async () => {
    await mutate(client, WithdrawInvitationDocument, { business: business.id, id });
    say(`The invitation of ${email} is withdrawn.`, () => void again.run());
    onChanged();
  });
  const problem = resend.problem ?? withdraw.problem ?? again.problem;
  const until = formatMoment(invitation.expiresAt, business.timeZone);
  return (
    <Row title={email} note={`${ROLE_NAMES[role]} · ${invitation.state === 'EXPIRED' ? `ran out ${until}` : `open until ${until}`}`}>
      {problem && <Failure problem={problem} />}
      <Button disabled={resend.busy} onClick={() => void resend.run()} aria-label={`Send again to ${email}`}>
        Send again
      </Button>
      <Button disabled={withdraw.busy} onClick={() => void withdraw.run()} aria-label={`Withdraw the invitation of ${email}`}>
        Withdraw
      </Button>
    </Row>
  );
}
