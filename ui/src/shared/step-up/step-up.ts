/**
 * What an intruder would want needs a second factor of the last minutes. The server refuses with SECOND_FACTOR; the
 * page asks for it once, and then does what was asked for, with all that had been typed.
 */
import { useSyncExternalStore } from 'react';
import { Refusal } from '@/shared/api/problem';

/** The person closed the dialog: nothing was done, and nothing has to be said. */
export class Declined extends Error {}

interface Asking {
  done: () => void;
  declined: () => void;
}

let asking: Asking | null = null;
let waiting: Promise<void> | undefined;
const listeners = new Set<() => void>();

function show(next: Asking | null): void {
  asking = next;
  for (const listener of listeners) listener();
}

/** Resolves when the second factor was shown; several that wait are asked once. */
export function confirmIdentity(): Promise<void> {
  waiting ??= new Promise<void>((done, failed) => {
    show({ done, declined: () => failed(new Declined('Not confirmed.')) });
  }).finally(() => {
    waiting = undefined;
    show(null);
  });
  return waiting;
}

export async function steppedUp<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof Refusal) || error.problem.code !== 'SECOND_FACTOR') throw error;
  }
  await confirmIdentity();
  return action();
}

export const useAsking = (): Asking | null =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => asking,
  );
