import { useState } from 'react';
import { useClient } from 'urql';
import { mutate } from '@/shared/api/mutate';
import { advance } from '@/shared/api/tick';
import { useAction } from '@/shared/api/use-action';
import { SetMemoDocument } from '@/shared/graphql/generated';
import { Button, Field, inputClass } from '@/shared/ui/button';
import { useSay } from '@/shared/ui/notice';
import { Failure } from '@/shared/ui/states';
import type { Of } from './api';
import styles from './beside.module.css';

const MOST_LETTERS = 2000;

interface Props {
  of: Of;
  memo: string | null;
  changes: boolean;
  onChanged: () => void;
}

/** Saved at once, with the way back. */
export function Memo({ of, memo, changes, onChanged }: Props) {
  const client = useClient();
  const say = useSay();
  const [text, setText] = useState<string | null>(null);
  const put = async (memo: string | null) => {
    const { setMemo } = await mutate(client, SetMemoDocument, { ...of, memo });
    advance(setMemo.position);
    setText(null);
    onChanged();
  };
  const undo = useAction(put);
  const save = useAction(async (to: string) => {
    await put(to.trim() === '' ? null : to);
    if (to.trim() !== (memo ?? '')) say(to.trim() === '' ? 'Memo taken away.' : 'Memo saved.', () => void undo.run(memo));
  });
  if (text === null) {
    return (
      <div className={styles.row}>
        {memo !== null && <p className={styles.memo}>{memo}</p>}
        {changes && (
          <button type="button" className="link" onClick={() => setText(memo ?? '')}>
            {memo === null ? 'Write a memo' : 'Change the memo'}
          </button>
        )}
      </div>
    );
  }
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        void save.run(text);
      }}
    >
      <Field label="Memo">
        <textarea className={inputClass} rows={3} maxLength={MOST_LETTERS} value={text} onChange={(event) => setText(event.target.value)} />
      </Field>
      <div className={styles.buttons}>
        <Button primary type="submit" disabled={save.busy}>
          Save the memo
        </Button>
        <Button onClick={() => setText(null)}>Cancel</Button>
      </div>
      {save.problem && <Failure problem={save.problem} />}
    </form>
  );
}
