/** Errors as situations that a person can act on. */
import type { CombinedError } from '@urql/core';

export interface Problem {
  kind: 'signed-out' | 'unreachable' | 'refused' | 'server';
  /** What happened, in a sentence. */
  text: string;
  /** The server's name of the situation, as SECOND_FACTOR. */
  code?: string | undefined;
}

/** A refusal on its way up, with what the server stated. */
export class Refusal extends Error {
  constructor(readonly problem: Problem) {
    super(problem.text);
  }
}

const status = (error: CombinedError): number | undefined =>
  (error.response as { status?: number } | undefined)?.status;

const codeOf = (error: CombinedError): string => String(error.graphQLErrors[0]?.extensions['code'] ?? '').toUpperCase();

const NO_ANSWER: Problem = { kind: 'unreachable', text: 'The server does not answer.' };
const isGone = (code: number): boolean => code === 502 || code === 503 || code === 504;

export function problemOf(error: CombinedError): Problem {
  const code = codeOf(error);
  if (status(error) === 401 || code === 'UNAUTHENTICATED' || code === 'UNAUTHORIZED') {
    return { kind: 'signed-out', text: 'Your session has ended.', code };
  }
  const stated = error.graphQLErrors[0];
  if (stated) return { kind: 'refused', text: stated.message, code };
  const found = status(error);
  if (found !== undefined && found >= 400 && !isGone(found)) {
    return { kind: 'server', text: `The server answered ${found}.` };
  }
  return NO_ANSWER;
}

/** The same for a JSON route, whose errors are problem documents (RFC 9457). */
export function problemOfAnswer(status: number, body: unknown, retryAfter: string | null = null): Problem {
  const stated = (typeof body === 'object' ? body : null) as { title?: string; detail?: string; code?: string } | null;
  const code = stated?.code?.toUpperCase();
  const text = stated?.detail ?? stated?.title;
  if (status === 429) return { kind: 'refused', text: text ?? `Too many attempts.${waitOf(retryAfter)}`, code };
  if (isGone(status) && !text) return NO_ANSWER;
  return {
    kind: status === 401 ? 'signed-out' : status >= 500 ? 'server' : 'refused',
    text: text ?? `The server answered ${status}.`,
    code,
  };
}

function waitOf(retryAfter: string | null): string {
  const seconds = Number(retryAfter);
  if (!retryAfter || !Number.isFinite(seconds)) return '';
  return seconds < 90 ? ` Try again in ${Math.ceil(seconds)} seconds.` : ` Try again in ${Math.ceil(seconds / 60)} minutes.`;
}

/** What was thrown, as a situation. */
export const problemFrom = (error: unknown): Problem =>
  error instanceof Refusal ? error.problem : { kind: 'server', text: error instanceof Error ? error.message : String(error) };
