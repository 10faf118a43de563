/** What the live line told last: kept outside of React, read by the live mark. */
import { useSyncExternalStore } from 'react';

export interface LiveState {
  position: number;
  /** When it was committed (ms), as far as the page knows. */
  heardAt: number | null;
  /** Events and transactions that came since the page was opened. */
  events: number;
  transactions: number;
}

const START: LiveState = { position: 0, heardAt: null, events: 0, transactions: 0 };
let state = START;
const listeners = new Set<() => void>();

function update(next: LiveState): void {
  state = next;
  for (const listener of listeners) listener();
}

export function heard(change: { position: number; events: number; transactions: number }): void {
  update({
    position: Math.max(state.position, change.position),
    heardAt: Date.now(),
    events: state.events + change.events,
    transactions: state.transactions + change.transactions,
  });
}

/** The position that a query told, without an event having been heard. */
export function known(position: number, at: string | null): void {
  if (position <= state.position) return;
  update({ ...state, position, heardAt: at === null ? state.heardAt : Math.min(Date.now(), Date.parse(at)) });
}

export const forget = (): void => update(START);

export const useLiveState = (): LiveState =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => state,
  );
