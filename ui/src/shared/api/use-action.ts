/** Something that a person does: one at a time, asking for the second factor where the server wants it. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { Declined, steppedUp } from '@/shared/step-up/step-up';
import { type Problem, problemFrom } from './problem';

export interface Action<A extends unknown[], T> {
  /** `undefined`: it was refused (see `problem`), or the person changed their mind. */
  run: (...given: A) => Promise<T | undefined>;
  busy: boolean;
  problem: Problem | undefined;
  forget: () => void;
}

/** `plain`: never asks for the second factor, as for the action that shows it. */
export function useAction<A extends unknown[], T>(action: (...given: A) => Promise<T>, { plain = false } = {}): Action<A, T> {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const newest = useRef(action);
  useEffect(() => {
    newest.current = action;
  });
  const running = useRef(false);
  const run = useCallback(async (...given: A): Promise<T | undefined> => {
    if (running.current) return undefined;
    running.current = true;
    setBusy(true);
    setProblem(undefined);
    try {
      const act = () => newest.current(...given);
      return await (plain ? act() : steppedUp(act));
    } catch (error) {
      if (!(error instanceof Declined)) setProblem(problemFrom(error));
      return undefined;
    } finally {
      running.current = false;
      setBusy(false);
    }
  }, [plain]);
  return { run, busy, problem, forget: useCallback(() => setProblem(undefined), []) };
}
