/** What every screen obeys: the business, the period, the comparison and the state of knowledge. */
import { useNavigate, useSearch } from '@tanstack/react-router';
import { createContext, type ReactNode, useCallback, useContext, useMemo } from 'react';
import type { BusinessHeadFragment, Metric } from '@/shared/graphql/generated';
import { type Period, rangeToken } from '@/shared/time/period';
import { resolveView, type View } from './resolve';
import { type ViewSearch, validateSearch, withoutPanel } from './search';

export type { View } from './resolve';

const Context = createContext<View | null>(null);

export function ViewProvider({ business, children }: { business: BusinessHeadFragment; children: ReactNode }) {
  const raw = useSearch({ strict: false });
  const view = useMemo(() => resolveView(business, raw), [business, raw]);
  return <Context value={view}>{children}</Context>;
}

/** For tests and stories: a view that does not come from the URL. */
export const FixedView = Context;

export function useView(): View {
  const view = useContext(Context);
  if (!view) throw new Error('useView outside of ViewProvider');
  return view;
}

/** Changes URL parameters; an undefined one is removed. */
export function useSetSearch(): (change: (search: ViewSearch) => ViewSearch, options?: { replace?: boolean }) => void {
  const navigate = useNavigate();
  return useCallback(
    (change, options) => {
      void navigate({
        to: '.',
        search: ((previous: Record<string, unknown>) => change(validateSearch(previous))) as never,
        replace: options?.replace ?? false,
        resetScroll: false,
      });
    },
    [navigate],
  );
}

/** A figure as something that can be opened: where nothing is given, the screen's own period holds. */
export interface Door {
  metric: Metric;
  from?: string | undefined;
  to?: string | undefined;
  category?: string | undefined;
  account?: string | undefined;
}

export function searchOfDoor(search: ViewSearch, door: Door, period: Period): ViewSearch {
  const own = door.from && door.to && (door.from !== period.from || door.to !== period.to);
  return {
    ...withoutPanel(search),
    open: door.metric,
    ...(own ? { of: rangeToken(door.from as string, door.to as string) } : {}),
    ...(door.category ? { category: door.category } : {}),
    ...(door.account ? { account: door.account } : {}),
  };
}

export function useOpenDoor(): (door: Door) => void {
  const { period } = useView();
  const set = useSetSearch();
  return useCallback((door) => set((search) => searchOfDoor(search, door, period)), [period, set]);
}

export function useClosePanel(): () => void {
  const set = useSetSearch();
  return useCallback(() => set(withoutPanel), [set]);
}
