/** State of the live line, kept outside of React: sockets outlive screens. */
import { useSyncExternalStore } from 'react';

export type Connection = { state: 'connecting' } | { state: 'open' } | { state: 'lost'; since: number };

let current: Connection = { state: 'connecting' };
const listeners = new Set<() => void>();

export function setConnection(next: Connection): void {
  // The first moment of a loss stays: retries that fail do not move it.
  if (next.state === 'lost' && current.state === 'lost') return;
  current = next;
  for (const listener of listeners) listener();
}

export const socketEvents = {
  connected: () => setConnection({ state: 'open' }),
  closed: () => setConnection({ state: 'lost', since: Date.now() }),
};

export const onConnection = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const connection = (): Connection => current;

export const useConnection = (): Connection => useSyncExternalStore(onConnection, connection);
