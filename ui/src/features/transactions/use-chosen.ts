import { useCallback, useMemo, useState } from 'react';
import type { LineFragment } from '@/shared/graphql/generated';

/** Ticked lines, as long as they are in the list. */
export function useChosen(lines: readonly LineFragment[]) {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const chosen = useMemo(() => lines.filter((line) => ids.has(line.id)), [lines, ids]);
  const toggle = useCallback((id: string) => {
    setIds((now) => {
      const next = new Set(now);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }, []);
  const all = useCallback((on: boolean) => setIds(new Set(on ? lines.map((line) => line.id) : [])), [lines]);
  const clear = useCallback(() => setIds(new Set()), []);
  return { ids, chosen, toggle, all, clear };
}
