/** How one signed in lately, and who else tried. */
import { useLoaded } from '@/shared/api/use-loaded';
import { agentName } from '@/shared/identity/agent';
import { readSignIns, type SignIn } from '@/shared/identity/api';
import { originOf } from '@/shared/identity/place';
import { formatMoment } from '@/shared/time/moment';
import { Row, Rows, Setting } from '@/shared/ui/settings';
import { Failure, Skeleton } from '@/shared/ui/states';
import { resultOf } from './sign-in-words';

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function SignIns() {
  const { data, problem, at, reload } = useLoaded('sign-ins', readSignIns);
  return (
    <Setting id="sign-ins" title="Recent sign-ins" note="Failed ones too. Where one was not you, change the password.">
      {problem && <Failure problem={problem} at={at} retry={() => void reload()} />}
      {!data && !problem && <Skeleton lines={3} />}
      {data?.length === 0 && <p className="muted">None yet.</p>}
      {data && data.length > 0 && (
        <Rows label="Recent sign-ins">
          {data.map((one) => (
            <Row key={`${one.at}${one.result}`} title={<span data-tip={one.agent ?? undefined}>{agentName(one.agent)}</span>} note={noteOf(one)}>
              <span className={one.result === 'SIGNED_IN' ? 'good' : 'bad'}>{resultOf(one)}</span>
            </Row>
          ))}
        </Rows>
      )}
    </Setting>
  );
}

function noteOf(one: SignIn): string {
  return [originOf(one), formatMoment(one.at, ZONE)].filter(Boolean).join(' · ');
}
