/** Where this account is signed in; an ended session is gone within seconds, everywhere. */
import { useAction } from '@/shared/api/use-action';
import { useLoaded } from '@/shared/api/use-loaded';
import { endSession, readSessions, type Session } from '@/shared/identity/api';
import { agentName } from '@/shared/identity/agent';
import { originOf } from '@/shared/identity/place';
import { formatAgo, formatMoment } from '@/shared/time/moment';
import { Button } from '@/shared/ui/button';
import { useSay } from '@/shared/ui/notice';
import { Row, Rows, Setting } from '@/shared/ui/settings';
import { Failure, Skeleton } from '@/shared/ui/states';

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function Sessions() {
  const { data, problem, at, reload } = useLoaded('sessions', readSessions);
  const say = useSay();
  const end = useAction(async (session: Session) => {
    await endSession(session.id);
    say(`The session on ${agentName(session.agent)} has ended.`);
    await reload();
  });
  const endOthers = useAction(async (others: Session[]) => {
    for (const session of others) await endSession(session.id);
    say(others.length === 1 ? 'The other session has ended.' : `${others.length} other sessions have ended.`);
    await reload();
  });
  const others = data?.filter((session) => !session.current) ?? [];
  const failed = end.problem ?? endOthers.problem;
  return (
    <Setting id="sessions" title="Sessions" note="Where you are signed in. What you do not know, end; then change the password.">
      {problem && <Failure problem={problem} at={at} retry={() => void reload()} />}
      {!data && !problem && <Skeleton lines={2} />}
      {failed && <Failure problem={failed} />}
      {data && (
        <Rows label="Sessions">
          {data.map((session) => (
            <Row key={session.id} title={<span data-tip={session.agent ?? undefined}>{agentName(session.agent)}</span>} note={noteOf(session)}>
              {session.current ? (
                <span className="good">this one</span>
              ) : (
                <Button disabled={end.busy} onClick={() => void end.run(session)} aria-label={`End the session on ${agentName(session.agent)}`}>
                  End
                </Button>
              )}
            </Row>
          ))}
        </Rows>
      )}
      {others.length > 1 && (
        <Button disabled={endOthers.busy} onClick={() => void endOthers.run(others)}>
          End all others
        </Button>
      )}
    </Setting>
  );
}

function noteOf(session: Session): string {
  const since = `since ${formatMoment(session.createdAt, ZONE)}`;
  const used = `used ${formatAgo(Date.now() - Date.parse(session.lastUsedAt))}`;
  return [originOf(session), since, used].filter(Boolean).join(' · ');
}
