import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useClient } from 'urql';
import { mutate } from '@/shared/api/mutate';
import { queryStore } from '@/shared/api/query-store';
import { useAction } from '@/shared/api/use-action';
import { ChangeRoleDocument, LeaveBusinessDocument, RemoveMemberDocument, type Role } from '@/shared/graphql/generated';
import { formatAgo, formatDay } from '@/shared/time/moment';
import { Button, inputClass } from '@/shared/ui/button';
import { useSay } from '@/shared/ui/notice';
import { Row, Rows } from '@/shared/ui/settings';
import { Failure } from '@/shared/ui/states';
import { ROLE_MEANING, ROLE_NAMES, ROLES } from '@/shared/view/roles';
import { useView } from '@/shared/view/view';
import type { TeamData } from './team';

type Member = TeamData['members'][number];

export interface MembersProps {
  team: TeamData;
  me: string | null;
  owner: boolean;
  onChanged: () => void;
}

export function Members({ team, me, owner, onChanged }: MembersProps) {
  const owners = team.members.filter((member) => member.role === 'OWNER').length;
  return (
    <Rows label="Members">
      {team.members.map((member) => (
        <One
          key={member.user}
          member={member}
          self={member.user === me}
          owner={owner}
          last={member.role === 'OWNER' && owners === 1}
          onChanged={onChanged}
        />
      ))}
    </Rows>
  );
}

interface OneProps {
  member: Member;
  self: boolean;
  owner: boolean;
  /** The last owner: the business must keep one. */
  last: boolean;
  onChanged: () => void;
}

function One({ member, self, owner, last, onChanged }: OneProps) {
  const { business } = useView();
  const client = useClient();
  const say = useSay();
  const put = useAction(async (role: Role, back?: Role) => {
    await mutate(client, ChangeRoleDocument, { business: business.id, user: member.user, role });
    onChanged();
    say(`${member.name} is ${ROLE_NAMES[role].toLowerCase()} now.`, back && (() => void put.run(back)));
  });
  return (
    <Row title={self ? `${member.name} (you)` : member.name} note={`${member.email} · ${sinceOf(member)}`}>
      {put.problem && <Failure problem={put.problem} />}
      {owner && !last ? (
        <select
          className={inputClass}
          aria-label={`Role of ${member.name}`}
          value={member.role}
          disabled={put.busy}
          onChange={(event) => void put.run(event.target.value as Role, member.role)}
        >
          {ROLES.map((role) => (
            <option key={role} value={role}>
              {ROLE_NAMES[role]}
            </option>
          ))}
        </select>
      ) : (
        <span data-tip={last ? 'A business keeps one owner: make somebody else an owner first' : ROLE_MEANING[member.role]}>{ROLE_NAMES[member.role]}</span>
      )}
      {!last && self && <Leave />}
      {owner && !self && <Remove member={member} onChanged={onChanged} />}
    </Row>
  );
}

function sinceOf(member: Member): string {
  const since = `since ${formatDay(member.since.slice(0, 10))}`;
  return member.lastSeen ? `${since} · seen ${formatAgo(Date.now() - Date.parse(member.lastSeen))}` : `${since} · not seen yet`;
}

/** Coming back takes an invitation, so these two ask first. */
function Sure({ label, question, go, busy, run }: { label: string; question: string; go: string; busy: boolean; run: () => void }) {
  const [asked, setAsked] = useState(false);
  if (!asked) return <Button onClick={() => setAsked(true)}>{label}</Button>;
  return (
    <>
      <span className="muted" role="status">
        {question}
      </span>
      <Button primary disabled={busy} onClick={run}>
        {go}
      </Button>
      <Button onClick={() => setAsked(false)}>Keep</Button>
    </>
  );
}

function Remove({ member, onChanged }: { member: Member; onChanged: () => void }) {
  const { business } = useView();
  const client = useClient();
  const say = useSay();
  const remove = useAction(async () => {
    await mutate(client, RemoveMemberDocument, { business: business.id, user: member.user });
    say(`${member.name} does not see ${business.name} any more.`);
    onChanged();
  });
  return (
    <>
      {remove.problem && <Failure problem={remove.problem} />}
      <Sure label="Remove…" question={`Access of ${member.name} ends within seconds.`} go="Remove" busy={remove.busy} run={() => void remove.run()} />
    </>
  );
}

function Leave() {
  const { business } = useView();
  const client = useClient();
  const navigate = useNavigate();
  const leave = useAction(async () => {
    await mutate(client, LeaveBusinessDocument, { business: business.id });
    queryStore.clear();
    await navigate({ to: '/' });
  });
  return (
    <>
      {leave.problem && <Failure problem={leave.problem} />}
      <Sure label="Leave…" question="Coming back takes an invitation." go="Leave" busy={leave.busy} run={() => void leave.run()} />
    </>
  );
}
