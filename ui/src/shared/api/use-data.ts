/**
 * Reading: the last answer stays on screen until a newer one is here, so that nothing flickers or jumps.
 * A query of the present is asked again when the live line reports a change, with that position as
 * `minPosition`; a query of the past never changes and is asked once.
 */
import type { AnyVariables, TypedDocumentNode } from '@urql/core';
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useClient } from 'urql';
import { useConnection } from './connection';
import { type Entry, entryKey, queryStore } from './query-store';
import { useTick } from './tick';
import type { Problem } from './problem';

export interface Data<T> {
  data: T | undefined;
  /** The last attempt failed; `data` may still hold an older answer. */
  problem: Problem | undefined;
  /** No answer yet. */
  loading: boolean;
  /** `data` belongs to the question asked before. */
  previous: boolean;
  /** When `data` arrived. */
  at: number | undefined;
  retry: () => void;
}

export interface DataOptions {
  /** False: the question is of the past, or is not asked again. */
  live?: boolean;
  pause?: boolean;
  /** Keep showing the answer of the previous variables while the new one loads. */
  keep?: boolean;
}

export function useData<T, V extends AnyVariables>(
  document: TypedDocumentNode<T, V>,
  variables: V,
  { live = true, pause = false, keep = false }: DataOptions = {},
): Data<T> {
  const client = useClient();
  const key = entryKey(document, variables);
  const tick = useTick();
  const subscribe = useCallback((listener: () => void) => queryStore.subscribe(key, listener), [key]);
  const entry = useSyncExternalStore(subscribe, () => queryStore.peek(key)) as Entry<T>;
  const [last, setLast] = useState<Entry<T>>();
  if (entry.data !== undefined && entry !== last) setLast(entry);

  const position = live ? tick : 0;
  useEffect(() => {
    if (!pause) void queryStore.ask(client, document, variables, position);
    // `key` stands for document and variables.
  }, [client, key, position, pause]); // eslint-disable-line react-hooks/exhaustive-deps

  const retry = useCallback(() => {
    void queryStore.ask(client, document, variables, position, true);
  }, [client, key, position]); // eslint-disable-line react-hooks/exhaustive-deps

  // What the lost line left unanswered is asked again when it is back, also where nothing has changed meanwhile.
  const { state: line } = useConnection();
  const unanswered = entry.problem?.kind === 'unreachable' && !pause;
  const newest = useRef(unanswered);
  newest.current = unanswered;
  useEffect(() => {
    if (line === 'open' && newest.current) retry();
  }, [line, retry]);

  const previous = entry.data === undefined && keep && last !== undefined;
  const shown = previous ? last : entry;
  return {
    data: shown.data,
    problem: entry.problem,
    loading: shown.data === undefined && entry.problem === undefined,
    previous,
    at: shown.at,
    retry,
  };
}
