import { useState } from 'react';
import { useAction } from '@/shared/api/use-action';
import { newRecoveryCodes } from '@/shared/identity/api';
import { Button } from '@/shared/ui/button';
import { useSay } from '@/shared/ui/notice';
import { Actions, Row } from '@/shared/ui/settings';
import { Failure } from '@/shared/ui/states';
import { saveFile } from '@/shared/ui/save-file';
import styles from './account.module.css';

/** Shown once: the server keeps only their hashes. They stay until the person says that they are kept. */
export function RecoveryCodes({ codes, onKept }: { codes: string[]; onKept: () => void }) {
  const [kept, setKept] = useState(false);
  const say = useSay();
  const text = `${codes.join('\n')}\n`;
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    say('The codes are in the clipboard.');
  };
  return (
    <>
      <p>
        <strong>Keep these recovery codes.</strong> Each signs you in once when the app or the key is gone. They are shown only now: on paper or in a password
        manager they serve, on the same device they do not.
      </p>
      <ul className={styles.codes} aria-label="Recovery codes">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <Actions>
        <Button onClick={() => void copy()}>Copy</Button>
        <Button onClick={() => saveFile('workdock-recovery-codes.txt', text)}>Save as a file</Button>
      </Actions>
      <label className={styles.kept}>
        <input type="checkbox" checked={kept} onChange={(event) => setKept(event.target.checked)} />I have kept them
      </label>
      <Button primary disabled={!kept} onClick={onKept}>
        Done
      </Button>
    </>
  );
}

interface LeftProps {
  left: number;
  onCodes: (codes: string[]) => void;
  onChanged: () => Promise<void>;
}

/** How many are left, and ten new ones. */
export function RecoveryCodesLeft({ left, onCodes, onChanged }: LeftProps) {
  const renew = useAction(async () => {
    onCodes((await newRecoveryCodes()).recoveryCodes);
    await onChanged();
  });
  return (
    <Row title="Recovery codes" note={left === 0 ? 'None is left.' : `${left} of 10 are left. New ones make the old ones worthless.`}>
      {renew.problem && <Failure problem={renew.problem} />}
      <Button disabled={renew.busy} onClick={() => void renew.run()}>
        Make new ones
      </Button>
    </Row>
  );
}
