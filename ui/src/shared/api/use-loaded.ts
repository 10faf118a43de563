/** Reading a JSON route once, and again when asked; what was read stays until the newer answer is here. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { type Problem, problemFrom } from './problem';

export interface Loaded<T> {
  data: T | undefined;
  problem: Problem | undefined;
  at: number | undefined;
  reload: () => Promise<void>;
  /** Shows a value before the server has been asked again. */
  put: (data: T) => void;
}

/** `key` names the question: another key asks anew and forgets the answer of the one before. */
export function useLoaded<T>(key: string, read: () => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ key: string; data?: T; problem?: Problem; at?: number }>({ key });
  const newest = useRef(read);
  useEffect(() => {
    newest.current = read;
  });
  const asked = useRef(0);
  const reload = useCallback(async () => {
    const mine = ++asked.current;
    try {
      const data = await newest.current();
      if (mine === asked.current) setState({ key, data, at: Date.now() });
    } catch (error) {
      if (mine === asked.current) setState((now) => ({ ...(now.key === key ? now : { key }), problem: problemFrom(error) }));
    }
  }, [key]);
  useEffect(() => {
    void reload();
  }, [reload]);
  const put = useCallback((data: T) => setState({ key, data, at: Date.now() }), [key]);
  const shown = state.key === key ? state : { key };
  return { data: shown.data, problem: shown.problem, at: shown.at, reload, put };
}
