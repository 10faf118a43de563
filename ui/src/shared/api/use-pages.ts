/** Short lists page by page: what is loaded stays, the next page is added under it, and all is read again when something was committed. */
import type { AnyVariables, TypedDocumentNode } from '@urql/core';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useClient } from 'urql';
import { type Problem, problemOf } from './problem';
import { useTick } from './tick';
import type { Page } from './windowed';

export interface Pages<Item> {
  items: Item[];
  hasNext: boolean;
  loading: boolean;
  problem: Problem | undefined;
  more: () => void;
  refresh: () => void;
}

export interface PagesOptions {
  pageSize?: number;
  live?: boolean;
}

interface State<Item> extends Page<Item> {
  key: string;
}

/** `pick` must be the same function in every render. */
export function usePages<T, V extends AnyVariables, Item>(
  document: TypedDocumentNode<T, V>,
  variables: V,
  pick: (data: T) => Page<Item> | undefined,
  { pageSize = 50, live = true }: PagesOptions = {},
): Pages<Item> {
  const client = useClient();
  const key = JSON.stringify(variables);
  const tick = useTick();
  const [state, setState] = useState<State<Item> | null>(null);
  const [loading, setLoading] = useState(true);
  const [problem, setProblem] = useState<Problem>();
  const run = useRef(0);

  const load = useCallback(
    async (after: string | null, size: number, kept: Item[]) => {
      const mine = ++run.current;
      setLoading(true);
      const asked = { ...(JSON.parse(key) as object), first: size, ...(after ? { after } : {}) } as unknown as V;
      const answer = await client.query(document, asked, { requestPolicy: 'network-only' }).toPromise();
      if (mine !== run.current) return;
      setLoading(false);
      const page = answer.data && pick(answer.data);
      setProblem(answer.error ? problemOf(answer.error) : undefined);
      if (page) setState({ ...page, key, items: [...kept, ...page.items] });
    },
    [client, document, key, pick],
  );

  const position = live ? tick : 0;
  useEffect(() => {
    const loaded = state?.key === key ? state.items.length : 0;
    void load(null, Math.min(200, Math.max(pageSize, loaded)), []);
    // Read again when the question or the followed position changes, not when its answer comes.
  }, [load, key, pageSize, position]); // eslint-disable-line react-hooks/exhaustive-deps

  const shown = useMemo<State<Item>>(() => (state?.key === key ? state : { key, items: [], hasNext: false, cursor: null }), [state, key]);
  const more = useCallback(() => {
    if (!loading && shown.hasNext) void load(shown.cursor, pageSize, shown.items);
  }, [loading, shown, load, pageSize]);
  const refresh = useCallback(() => void load(null, pageSize, []), [load, pageSize]);

  return {
    items: shown.items,
    hasNext: shown.hasNext,
    loading: loading || (state?.key !== key && !problem),
    problem,
    more,
    refresh,
  };
}
