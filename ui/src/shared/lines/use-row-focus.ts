import type { Virtualizer } from '@tanstack/react-virtual';
import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react';

/** Puts the focus on a row by its number; where it is not in the page, as soon as it is. */
export function useRowFocus(box: RefObject<HTMLDivElement | null>, virtual: Virtualizer<Window, Element>) {
  const [current, setCurrent] = useState<number | null>(null);
  const going = useRef<number | null>(null);
  const arrive = useCallback(() => {
    const row = going.current !== null && box.current?.querySelector<HTMLElement>(`[data-index="${going.current}"]`);
    if (!row) return;
    going.current = null;
    row.focus({ preventScroll: true });
    // The list's head stays over its rows: it hides none that has the focus.
    row.scrollIntoView({ block: 'nearest' });
  }, [box]);
  useLayoutEffect(arrive);
  const focusRow = useCallback(
    (index: number) => {
      setCurrent(index);
      going.current = index;
      arrive();
      if (going.current !== null) virtual.scrollToIndex(index, { align: 'auto' });
    },
    [arrive, virtual],
  );
  return { focusRow, current, onFocus: setCurrent };
}
