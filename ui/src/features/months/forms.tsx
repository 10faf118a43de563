import { type FormEvent, useState } from 'react';
import { useClient } from 'urql';
import { mutate } from '@/shared/api/mutate';
import { useAction } from '@/shared/api/use-action';
import { CloseMonthDocument, type MonthRowFragment, ReopenMonthDocument } from '@/shared/graphql/generated';
import { Button } from '@/shared/ui/button';
import { useSay } from '@/shared/ui/notice';
import { Actions } from '@/shared/ui/settings';
import { Failure } from '@/shared/ui/states';
import { TextField } from '@/shared/ui/text-field';
import { useView } from '@/shared/view/view';
import styles from './months.module.css';

export interface FormProps {
  month: MonthRowFragment;
  name: string;
  onDone: (position: number) => void;
  /** What is on screen may not be the newest any more. */
  onStale: () => void;
  onLeave: () => void;
}

/** It asks first: a seal stays in the log, even where the month is opened again. */
export function CloseForm({ month, name, onDone, onStale, onLeave }: FormProps) {
  const { business } = useView();
  const client = useClient();
  const say = useSay();
  const close = useAction(async () => {
    const { closeMonth } = await mutate(client, CloseMonthDocument, { business: business.id, month: month.month, seen: month.position });
    say(`${name} is closed.`);
    onDone(closeMonth.position);
  });
  return (
    <div className={styles.form}>
      <p>
        The figures above are sealed as they stand, with a signature that anybody can check. What comes for {name} later shows beside them. Opening it
        again takes a reason, and both stay in the audit history.
      </p>
      {close.problem && <Failure problem={close.problem} retry={close.problem.code === 'CONFLICT' ? onStale : undefined} />}
      <Actions>
        <Button primary disabled={close.busy} onClick={() => void close.run()}>
          {close.busy ? 'Closing…' : `Close ${name}`}
        </Button>
        <Button onClick={onLeave}>Not yet</Button>
      </Actions>
    </div>
  );
}

const LEAST = 3;

export function ReopenForm({ month, name, onDone, onLeave }: FormProps) {
  const { business } = useView();
  const client = useClient();
  const say = useSay();
  const [reason, setReason] = useState('');
  const reopen = useAction(async () => {
    const { reopenMonth } = await mutate(client, ReopenMonthDocument, { business: business.id, month: month.month, reason: reason.trim() });
    say(`${name} is open again.`);
    onDone(reopenMonth.position);
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void reopen.run();
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      <TextField label={`Why is ${name} opened again?`} required maxLength={500} value={reason} onChange={setReason} hint="It stands in the audit history, beside the seal that was." />
      {reopen.problem && <Failure problem={reopen.problem} />}
      <Actions>
        <Button type="submit" primary disabled={reopen.busy || reason.trim().length < LEAST}>
          {reopen.busy ? 'Opening…' : `Open ${name} again`}
        </Button>
        <Button onClick={onLeave}>Leave it closed</Button>
      </Actions>
    </form>
  );
}
