import { useCallback, useState } from 'react';
import { useAction } from '@/shared/api/use-action';
import type { Listing } from '@/shared/api/use-long-list';
import type { LineFragment } from '@/shared/graphql/generated';
import type { Choosing } from '@/shared/lines/line-list';
import { formatCount } from '@/shared/number/format';

/** The tick of all ticks no more: a few commands change them. */
const MOST = 2000;
const NONE: ReadonlyMap<string, LineFragment> = new Map();

/** Ticked lines, for as long as the list answers the same question, whether they are in view or not. */
export function useChosen(question: string, found: Listing<LineFragment>) {
  const [state, setState] = useState({ question, lines: NONE });
  const lines = state.question === question ? state.lines : NONE;
  const put = useCallback((next: (now: ReadonlyMap<string, LineFragment>) => ReadonlyMap<string, LineFragment>) => setState((now) => ({ question, lines: next(now.question === question ? now.lines : NONE) })), [question]);
  const toggle = useCallback(
    (line: LineFragment) =>
      put((now) => {
        const next = new Map(now);
        if (!next.delete(line.id)) next.set(line.id, line);
        return next;
      }),
    [put],
  );
  const clear = useCallback(() => put(() => NONE), [put]);
  const { run: chooseAll, problem } = useAction(async () => {
    const all = await found.all(MOST);
    put(() => new Map(all.map((line) => [line.id, line])));
  });
  const isMore = found.hasNext || found.count > MOST;
  const most = isMore ? MOST : found.count;
  const choosing: Choosing = {
    has: (id) => lines.has(id),
    toggle,
    allLabel: isMore ? `All of them, at most the first ${formatCount(MOST)}` : 'All of them',
    allState: lines.size > 0 && (lines.size >= most || 'some'),
    all: (on) => (on ? void chooseAll() : clear()),
  };
  return { chosen: [...lines.values()], choosing, clear, problem };
}
