/** Transactions page by page by keyset: what is loaded stays, the next page is added under it. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useClient } from 'urql';
import { type LineFragment, TransactionsDocument, type TransactionsQueryVariables } from '@/shared/graphql/generated';
import { type Problem, problemOf } from './problem';
import { useTick } from './tick';

export interface Lines {
  lines: LineFragment[];
  hasNext: boolean;
  loading: boolean;
  problem: Problem | undefined;
  /** Position that the lines are as of. */
  position: number | undefined;
  /** Something was committed since the lines were read. */
  outdated: boolean;
  more: () => void;
  refresh: () => void;
}

interface State {
  key: string;
  lines: LineFragment[];
  cursor: string | null;
  hasNext: boolean;
  position: number | undefined;
  tick: number;
}

const EMPTY: Omit<State, 'key'> = { lines: [], cursor: null, hasNext: false, position: undefined, tick: 0 };

export interface LinesOptions {
  pageSize?: number;
  /** Read again by itself when something was committed. */
  follow?: boolean;
  live?: boolean;
}

export function useLines(variables: TransactionsQueryVariables, { pageSize = 50, follow = false, live = true }: LinesOptions = {}): Lines {
  const client = useClient();
  const key = JSON.stringify(variables);
  const tick = useTick();
  const [state, setState] = useState<State | null>(null);
  const [loading, setLoading] = useState(true);
  const [problem, setProblem] = useState<Problem>();
  const run = useRef(0);

  const load = useCallback(
    async (after: string | null, size: number, kept: LineFragment[], at: number) => {
      const mine = ++run.current;
      setLoading(true);
      const answer = await client
        .query(TransactionsDocument, { ...(JSON.parse(key) as TransactionsQueryVariables), first: size, ...(after ? { after } : {}) }, { requestPolicy: 'network-only' })
        .toPromise();
      if (mine !== run.current) return;
      setLoading(false);
      const page = answer.data?.business?.transactions;
      setProblem(answer.error ? problemOf(answer.error) : undefined);
      if (!page) return;
      setState({
        key,
        lines: [...kept, ...page.nodes],
        cursor: page.pageInfo.endCursor,
        hasNext: page.pageInfo.hasNextPage,
        position: page.known.position,
        tick: at,
      });
    },
    [client, key],
  );

  const newest = useRef(tick);
  newest.current = tick;
  const position = live && follow ? tick : 0;
  useEffect(() => {
    const loaded = state?.key === key ? state.lines.length : 0;
    void load(null, Math.min(200, Math.max(pageSize, loaded)), [], newest.current);
    // Read again when the question or the followed position changes, not when its answer comes.
  }, [load, key, pageSize, position]); // eslint-disable-line react-hooks/exhaustive-deps

  const shown = useMemo<State>(() => (state?.key === key ? state : { ...EMPTY, key }), [state, key]);
  const more = useCallback(() => {
    if (!loading && shown.hasNext) void load(shown.cursor, pageSize, shown.lines, shown.tick);
  }, [loading, shown, load, pageSize]);
  const refresh = useCallback(() => void load(null, pageSize, [], newest.current), [load, pageSize]);

  return {
    lines: shown.lines,
    hasNext: shown.hasNext,
    loading: loading || (state?.key !== key && !problem),
    problem,
    position: shown.position,
    outdated: live && !follow && shown.tick < tick && shown.tick > 0,
    more,
    refresh,
  };
}
