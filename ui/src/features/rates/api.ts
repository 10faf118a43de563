/** The upload of a file of rates, as the connectors answer it. */
import { problemOfAnswer, Refusal } from '@/shared/api/problem';
import { expireSession, sessionFetch } from '@/shared/api/session';

export interface RatesReport {
  file: string;
  read: number;
  added: number;
  corrected: number;
  known: number;
  kept: number;
  refused: { line: number; reason: string }[];
  refused_count: number;
  first: string | null;
  last: string | null;
  position: number | null;
}

export async function importRates(business: string, file: File): Promise<RatesReport> {
  const form = new FormData();
  form.set('file', file, file.name);
  const answer = await sessionFetch(`/api/v1/businesses/${business}/rates/imports`, { method: 'POST', body: form, credentials: 'same-origin' }).catch(() => {
    throw new Refusal({ kind: 'unreachable', text: 'The server does not answer.' });
  });
  const body: unknown = await answer.json().catch(() => null);
  if (answer.ok) return body as RatesReport;
  const problem = problemOfAnswer(answer.status, body, answer.headers.get('retry-after'));
  if (problem.kind === 'signed-out') expireSession();
  throw new Refusal(problem);
}
