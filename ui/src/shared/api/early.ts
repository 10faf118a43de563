/**
 * Questions asked before the page's script has arrived: on a slow line, two round trips less until the answer.
 * The page's own client later asks the same, and is handed the answer that is on its way already.
 */
const asked = new Map<string, Promise<Response>>();

/** An answer that nobody takes is of no use later: the page asks anew then. */
const FRESH_MS = 15_000;

interface Question {
  operationName?: string | undefined;
  query: string;
  variables: Record<string, unknown>;
}

/** The same question, however its variables are ordered. */
export function keyOf({ operationName, variables }: Pick<Question, 'operationName' | 'variables'>): string {
  return `${operationName}${JSON.stringify(sorted(variables))}`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value) || typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => [key, sorted(one)]);
}

export async function askEarly<T>(question: Question): Promise<T | undefined> {
  const answer = fetch('/graphql', {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json, application/json' },
    body: JSON.stringify(question),
  });
  const key = keyOf(question);
  asked.set(key, answer);
  setTimeout(() => asked.delete(key), FRESH_MS);
  const kept = (await answer).clone();
  return kept.ok ? ((await kept.json()) as { data?: T }).data : undefined;
}

/** `fetch`, but for what is on its way already. */
export function fetchOnce(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  if (asked.size > 0 && typeof init?.body === 'string') {
    const key = keyOf(JSON.parse(init.body) as Question);
    const found = asked.get(key);
    asked.delete(key);
    if (found) return found.catch(() => fetch(input, init));
  }
  return fetch(input, init);
}
