/** The authenticator app: set up with a picture, counted only once a code of it was right. */
import { useState } from 'react';
import { useAction } from '@/shared/api/use-action';
import { removeTotp, startTotp, type TotpStart } from '@/shared/identity/api';
import { Button } from '@/shared/ui/button';
import { Actions, Row, Rows, Setting } from '@/shared/ui/settings';
import { Failure, Skeleton } from '@/shared/ui/states';
import { Enrol } from './enrol';
import { RecoveryCodes, RecoveryCodesLeft } from './recovery-codes';
import type { FactorsState } from './use-factors';

export function Authenticator({ factors }: { factors: FactorsState }) {
  const { data, problem, reload } = factors;
  const [enrolling, setEnrolling] = useState<TotpStart>();
  const [codes, setCodes] = useState<string[]>();
  const start = useAction(async () => setEnrolling(await startTotp()));
  const confirmed = async (recoveryCodes: string[]) => {
    setEnrolling(undefined);
    setCodes(recoveryCodes);
    await reload();
  };
  return (
    <Setting
      id="second-factor"
      title="Second factor"
      note="With an app on your phone, a stolen password alone opens nothing. It is asked for at sign-in and before what cannot be taken back."
    >
      {problem && <Failure problem={problem} retry={() => void reload()} />}
      {!data && !problem && <Skeleton lines={1} />}
      {start.problem && <Failure problem={start.problem} />}
      {codes ? (
        <RecoveryCodes codes={codes} onKept={() => setCodes(undefined)} />
      ) : enrolling ? (
        <Enrol start={enrolling} onConfirmed={confirmed} onStop={() => setEnrolling(undefined)} />
      ) : (
        data &&
        (data.totp ? (
          <SetUp left={data.recoveryCodesLeft} onCodes={setCodes} onChanged={reload} />
        ) : (
          <Button primary disabled={start.busy} onClick={() => void start.run()}>
            Set up an authenticator app
          </Button>
        ))
      )}
    </Setting>
  );
}

interface SetUpProps {
  left: number;
  onCodes: (codes: string[]) => void;
  onChanged: () => Promise<void>;
}

function SetUp({ left, onCodes, onChanged }: SetUpProps) {
  const [sure, setSure] = useState(false);
  const remove = useAction(async () => {
    await removeTotp();
    await onChanged();
  });
  return (
    <>
      <Rows label="Second factor">
        <Row title="Authenticator app" note="Set up; its code is asked for when you sign in.">
          <Button disabled={remove.busy} onClick={() => setSure(true)}>
            Take it off…
          </Button>
        </Row>
        <RecoveryCodesLeft left={left} onCodes={onCodes} onChanged={onChanged} />
      </Rows>
      {sure && (
        <div>
          <p>Your password alone will then open this account, the recovery codes go with it, and businesses that ask for a second factor stay closed to you.</p>
          <Actions>
            <Button primary disabled={remove.busy} onClick={() => void remove.run()}>
              Take the second factor off
            </Button>
            <Button onClick={() => setSure(false)}>Keep it</Button>
          </Actions>
        </div>
      )}
      {remove.problem && <Failure problem={remove.problem} />}
    </>
  );
}
