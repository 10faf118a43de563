import { useState } from 'react';
import { Button } from '@/shared/ui/button';
import { useSay } from '@/shared/ui/notice';
import { Actions } from '@/shared/ui/settings';
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
        <strong>Keep these recovery codes.</strong> Each signs you in once when the app is gone. They are shown only now: on paper or in a password
        manager they serve, on the same phone they do not.
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
