import { useRouterState } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';

const OWN_MOVES = ['wheel', 'touchmove', 'keydown', 'pointerdown'] as const;

/**
 * Brings the part into view that the address names, as a letter's link does. What stands above it is read later and
 * would push it out again, so it is held there until the reader moves by themselves.
 */
export function useNamedByAddress(id: string | undefined) {
  const part = useRef<HTMLElement>(null);
  const named = useRouterState({ select: (state) => id !== undefined && state.location.hash === id });
  useEffect(() => {
    if (!named) return;
    const watch = new ResizeObserver(() => part.current?.scrollIntoView());
    watch.observe(document.body);
    const leave = () => watch.disconnect();
    for (const move of OWN_MOVES) window.addEventListener(move, leave, { passive: true });
    return () => {
      leave();
      for (const move of OWN_MOVES) window.removeEventListener(move, leave);
    };
  }, [named]);
  return part;
}
