import { useLayoutEffect, useRef } from 'react';

/** How far a row is looked for that is not where it was. */
const REACH = 1000;

/** What arrives or goes above the rows in view moves none of them: the page is scrolled along with it. */
export function useStandStill(keyAt: (index: number) => string | number | undefined, top: number, height: number): void {
  const held = useRef<{ index: number; key: string | number }>(undefined);
  useLayoutEffect(() => {
    const was = held.current;
    const moved = was ? movedBy(was, keyAt) : 0;
    if (moved !== 0) window.scrollBy({ top: moved * height, behavior: 'instant' });
    const index = Math.ceil((window.scrollY - top) / height);
    const key = keyAt(index);
    // At the head of the list nothing is held: what arrives there is to be seen.
    held.current = index > 0 && key !== undefined ? { index, key } : undefined;
  });
}

/** By how many rows; 0 where it is gone or not held. */
export function movedBy({ index, key }: { index: number; key: string | number }, keyAt: (index: number) => string | number | undefined): number {
  for (let far = 0; far <= REACH; far += 1) {
    if (keyAt(index + far) === key) return far;
    if (keyAt(index - far) === key) return -far;
  }
  return 0;
}
