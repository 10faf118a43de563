/** The position that screens read at: moved by the live line at most four times a second. */
import { useSyncExternalStore } from 'react';

const GAP_MS = 250;

let shown = 0;
let newest = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
let movedAt = 0;
const listeners = new Set<() => void>();

function move(): void {
  timer = undefined;
  if (newest === shown) return;
  shown = newest;
  movedAt = Date.now();
  for (const listener of listeners) listener();
}

/** A change was committed at this position. */
export function advance(position: number): void {
  newest = Math.max(newest, position);
  if (newest === shown || timer) return;
  const wait = movedAt + GAP_MS - Date.now();
  if (wait <= 0) move();
  else timer = setTimeout(move, wait);
}

export const tick = (): number => shown;

export function useTick(): number {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, tick);
}
