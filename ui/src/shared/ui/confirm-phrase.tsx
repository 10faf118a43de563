/** What cannot be undone is asked for by typing its name: no click does it by chance. */
import { type FormEvent, type ReactNode, useState } from 'react';
import type { Action } from '@/shared/api/use-action';
import { Button } from './button';
import { Actions, formClass } from './settings';
import { Failure } from './states';
import { TextField } from './text-field';

export interface ConfirmPhraseProps {
  /** Letter by letter what has to be typed. */
  phrase: string;
  label: string;
  go: string;
  busy: string;
  action: Action<[string], unknown>;
  onLeave: () => void;
  children: ReactNode;
}

export function ConfirmPhrase({ phrase, label, go, busy, action, onLeave, children }: ConfirmPhraseProps) {
  const [typed, setTyped] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void action.run(typed.trim());
  };
  return (
    <form className={formClass} onSubmit={submit}>
      {children}
      <TextField label={label} value={typed} onChange={setTyped} hint={<>Type <strong>{phrase}</strong></>} autoComplete="off" autoCapitalize="none" spellCheck={false} required />
      {action.problem && <Failure problem={action.problem} />}
      <Actions>
        <Button type="submit" danger disabled={action.busy || typed.trim() !== phrase}>
          {action.busy ? busy : go}
        </Button>
        <Button onClick={onLeave}>Leave it</Button>
      </Actions>
    </form>
  );
}
