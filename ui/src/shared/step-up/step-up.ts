/**
 * What an intruder would want needs a second factor of the last minutes. The server refuses with SECOND_FACTOR; the
 * page asks for it once, and then does what was asked for, with all that had been typed.
 */
import { useSyncExternalStore } from 'react';
import { type Problem, Refusal } from '@/shared/api/problem';

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

/** The password was not enough, and there is nothing else that this person could show. */
export const NO_FACTOR: Problem = {
  kind: 'refused',
  code: 'SECOND_FACTOR',
  text: 'This takes a second factor, and your account has none yet: set one up under “Your account”, then come back.',
};

const asksForMore = (error: unknown): boolean => error instanceof Refusal && error.problem.code === 'SECOND_FACTOR';

export async function steppedUp<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!asksForMore(error)) throw error;
  }
  await confirmIdentity();
  return action().catch((error: unknown) => {
    throw asksForMore(error) ? new Refusal(NO_FACTOR) : error;
  });
}

export const useAsking = (): Asking | null =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => asking,
  );
