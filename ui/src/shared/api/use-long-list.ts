/** A list of any length: what is near the reader is read, the rest is let go and read again when they come back. */
import type { AnyVariables, TypedDocumentNode } from '@urql/core';
import { useCallback, useEffect, useMemo, useSyncExternalStore } from 'react';
import { useClient } from 'urql';
import { useConnection } from './connection';
import { LongList, longLists } from './long-list';
import { type Problem, problemOf, Refusal } from './problem';
import { entryKey } from './query-store';
import { tick as newestTick, useTick } from './tick';
import { countOf, type Page, rowAt } from './windowed';

export interface Listing<Item> {
  /** Rows that are known of; more may follow. */
  count: number;
  hasNext: boolean;
  /** Undefined while it is not held. */
  at: (index: number) => Item | undefined;
  loading: boolean;
  problem: Problem | undefined;
  /** Something was committed since the list was read. */
  outdated: boolean;
  /** These rows are in view. */
  look: (first: number, last: number) => void;
  /** Reads it anew, where the reader is. */
  refresh: () => void;
  /** Goes on where an answer failed. */
  retry: () => void;
  /** The first rows, at most so many, in view or not. */
  all: (most: number) => Promise<Item[]>;
}

export interface Question<T, V extends AnyVariables, Item> {
  document: TypedDocumentNode<T, V>;
  variables: V;
  pick: (data: T) => Page<Item> | undefined;
  size: number;
  /** The same question as of a position, where answers change: all pages of the list are of one. */
  pinned?: (variables: V, position: number) => V;
  /** Read anew by itself when something was committed. */
  follow?: boolean;
  live?: boolean;
}

export function useLongList<T, V extends AnyVariables, Item>({ document, variables, pick, size, pinned, follow = false, live = true }: Question<T, V, Item>): Listing<Item> {
  const client = useClient();
  const key = entryKey(document, variables);
  const list = useMemo(() => {
    const ask = async (after: string | null, first: number, position: number | undefined): Promise<Page<Item>> => {
      const question = position === undefined || !pinned ? variables : pinned(variables, position);
      const answer = await client.query(document, { ...question, first, ...(after ? { after } : {}) } as V, { requestPolicy: 'network-only' }).toPromise();
      if (answer.error) throw new Refusal(problemOf(answer.error));
      const page = answer.data && pick(answer.data);
      if (!page) throw new Refusal({ kind: 'refused', text: 'This list is not there, or not yours to see.' });
      return page;
    };
    return longLists.of(key, () => new LongList<Item>(ask, size, newestTick()));
    // `key` stands for document and variables; the rest says how it is asked and stays.
  }, [client, key, size]); // eslint-disable-line react-hooks/exhaustive-deps
  const { list: now, loading, problem, tick } = useSyncExternalStore(list.subscribe, list.shown);

  // A list that was kept shows what it was, and is read again at once.
  useEffect(() => {
    if (live && list.shown().tick < newestTick()) list.refresh(newestTick());
  }, [list, live]);
  const newest = useTick();
  useEffect(() => {
    if (live && follow && list.shown().tick < newest) list.refresh(newest);
  }, [list, live, follow, newest]);

  // What the lost line left unanswered is asked again when it is back.
  const { state: line } = useConnection();
  useEffect(() => {
    if (line === 'open' && list.shown().problem?.kind === 'unreachable') list.retry();
  }, [list, line]);

  return {
    count: countOf(now),
    hasNext: now.hasNext,
    at: useCallback((index: number) => rowAt(now, index), [now]),
    loading,
    problem,
    outdated: live && !follow && tick > 0 && tick < newest,
    look: list.look,
    refresh: useCallback(() => list.refresh(newestTick()), [list]),
    retry: list.retry,
    all: list.all,
  };
}
