/** Sign-in state: a 401 anywhere ends the session of the whole page, once. */
import type { Problem } from './problem';

const listeners = new Set<() => void>();
/** It ended before anybody listened: the first question is asked before the page is built. */
let missed = false;

export function expireSession(): void {
  missed = listeners.size === 0;
  for (const listener of listeners) listener();
}

export const onSessionExpired = (listener: () => void): (() => void) => {
  listeners.add(listener);
  if (missed) queueMicrotask(listener);
  missed = false;
  return () => listeners.delete(listener);
};

export type SignIn = { ok: true } | { ok: false; reason: 'refused' | 'unreachable' };

/** Exchanges the one-time token of a printed link for the session cookie. */
export async function signIn(token: string): Promise<SignIn> {
  try {
    const answer = await fetch('/api/v1/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
      credentials: 'same-origin',
    });
    return answer.ok ? { ok: true } : { ok: false, reason: answer.status >= 500 ? 'unreachable' : 'refused' };
  } catch {
    return { ok: false, reason: 'unreachable' };
  }
}

export async function signOut(): Promise<void> {
  await fetch('/api/v1/session', { method: 'DELETE', credentials: 'same-origin' }).catch(() => undefined);
  expireSession();
}

/** A refusal of one of the HTTP routes, with what the server stated. */
export class PostError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.text);
  }
}
