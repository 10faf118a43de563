/** Sign-in state: a session that cannot be renewed ends for the whole page, once. */

/** Whether the person left, or the session ran out under them. */
export type Ending = 'left' | 'expired';

const listeners = new Set<(ending: Ending) => void>();
/** It ended before anybody listened: the first question is asked before the page is built. */
let missed = false;

export function expireSession(ending: Ending = 'expired'): void {
  // What was renewed just now is over all the same.
  noteRenewal(0);
  missed = listeners.size === 0;
  for (const listener of listeners) listener(ending);
}

export const onSessionExpired = (listener: (ending: Ending) => void): (() => void) => {
  listeners.add(listener);
  if (missed) queueMicrotask(() => listener('expired'));
  missed = false;
  return () => listeners.delete(listener);
};

const RENEWED = 'workdock.renewed';
/** A tab that waited its turn this long after another one renewed has nothing left to do. */
const FRESH_MS = 20_000;

let renewing: Promise<boolean> | undefined;

/**
 * A new access token for the refresh token. Once for all that wait, and in one tab at a time: a refresh token that
 * is used twice looks stolen and ends the session everywhere.
 */
export function renewSession(): Promise<boolean> {
  renewing ??= oneTab(renew).finally(() => {
    renewing = undefined;
  });
  return renewing;
}

const oneTab = (run: () => Promise<boolean>): Promise<boolean> =>
  'locks' in navigator ? navigator.locks.request('workdock.renew', run) : run();

async function renew(): Promise<boolean> {
  if (Date.now() - renewedAt() < FRESH_MS) return true;
  const answer = await fetch('/api/v1/identity/refresh', { method: 'POST', credentials: 'same-origin' });
  // 409: another tab was faster, and the new tokens are here. A server that is away says nothing about the session.
  const renewed = answer.ok || answer.status === 409;
  if (renewed || answer.status === 401) noteRenewal(renewed ? Date.now() : 0);
  return renewed;
}

function renewedAt(): number {
  try {
    return Number(localStorage.getItem(RENEWED) ?? 0);
  } catch {
    return 0;
  }
}

function noteRenewal(at: number): void {
  try {
    localStorage.setItem(RENEWED, String(at));
  } catch {
    // Without storage each tab renews for itself.
  }
}

/** `fetch` that renews an access token which has run out, and asks again. */
export async function sessionFetch(input: RequestInfo | URL, init?: RequestInit, first: typeof fetch = fetch): Promise<Response> {
  const answer = await first(input, init);
  if (answer.status !== 401) return answer;
  const renewed = await renewSession().catch(() => false);
  return renewed ? fetch(input, init) : answer;
}

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

/** Whether a session may be going on: its access token is short-lived, and the page may have been opened after it. */
export const mayBeSignedIn = (): boolean => renewedAt() > 0;

export const noteSignIn = (): void => noteRenewal(Date.now());

export async function signOut(): Promise<void> {
  await fetch('/api/v1/identity/sign-out', { method: 'POST', credentials: 'same-origin' }).catch(() => undefined);
  expireSession('left');
}
