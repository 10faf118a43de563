/** Errors as situations that a person can act on. */
import type { CombinedError } from '@urql/core';

export interface Problem {
  kind: 'signed-out' | 'unreachable' | 'refused' | 'server';
  /** What happened, in a sentence. */
  text: string;
}

const status = (error: CombinedError): number | undefined =>
  (error.response as { status?: number } | undefined)?.status;

const codeOf = (error: CombinedError): string =>
  String(error.graphQLErrors[0]?.extensions['code'] ?? '').toLowerCase();

export function problemOf(error: CombinedError): Problem {
  const code = codeOf(error);
  if (status(error) === 401 || code === 'unauthenticated' || code === 'unauthorized') {
    return { kind: 'signed-out', text: 'Your session has ended.' };
  }
  const stated = error.graphQLErrors[0];
  if (stated) return { kind: 'refused', text: stated.message };
  const found = status(error);
  if (found !== undefined && found >= 400 && found !== 502 && found !== 503 && found !== 504) {
    return { kind: 'server', text: `The server answered ${found}.` };
  }
  return { kind: 'unreachable', text: 'The server does not answer.' };
}
