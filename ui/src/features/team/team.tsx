/** Who sees the business and what they may do: members and invitations. */
import { useData } from '@/shared/api/use-data';
import { TeamDocument, type TeamQuery, ViewerDocument } from '@/shared/graphql/generated';
import { ScreenTitle } from '@/shared/ui/screen';
import { Setting } from '@/shared/ui/settings';
import { Failure, Skeleton } from '@/shared/ui/states';
import { may, ROLE_MEANING, ROLE_NAMES } from '@/shared/view/roles';
import { useView } from '@/shared/view/view';
import { Invitations } from './invitations';
import { InviteForm } from './invite-form';
import { Members } from './members';

export type TeamData = NonNullable<TeamQuery['business']>;

export function Team() {
  const { business } = useView();
  const viewer = useData(ViewerDocument, {}, { live: false }).data?.viewer;
  const owner = may(business.viewerRole, 'members');
  const { data, problem, at, retry } = useData(TeamDocument, { id: business.id, invitations: owner });
  const team = data?.business;
  return (
    <>
      <ScreenTitle title="Team">
        You are {article(ROLE_NAMES[business.viewerRole])} of {business.name}: this role {ROLE_MEANING[business.viewerRole]}.
        {!owner && ' An owner can change it.'}
      </ScreenTitle>
      {problem && <Failure problem={problem} at={at} retry={retry} />}
      <Setting id="members" title="Members" note="A change of role counts within seconds, on every device.">
        {!team && !problem && <Skeleton lines={3} />}
        {team && <Members team={team} me={viewer?.user ?? null} owner={owner} onChanged={retry} />}
      </Setting>
      {owner && (
        <Setting id="invite" title="Invite" note="A mail with a link goes out. It works once, for seven days, and only for that address.">
          <InviteForm onInvited={retry} />
        </Setting>
      )}
      {team?.invitations && (
        <Setting id="invitations" title="Invitations">
          <Invitations invitations={team.invitations} onChanged={retry} />
        </Setting>
      )}
    </>
  );
}

const article = (role: string): string => `${/^[AO]/.test(role) ? 'an' : 'a'} ${role.toLowerCase()}`;
