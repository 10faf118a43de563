/** The import routes: shapes as the connectors answer them (amounts as decimal strings). */
import { problemOfAnswer, Refusal } from '@/shared/api/problem';
import { expireSession, renewSession } from '@/shared/api/session';
import type { Mapping } from './mapping';

export interface Sums {
  in: string;
  out: string;
  net: string;
}
export interface Report {
  file: string;
  format: string;
  rows: number;
  added: number;
  known: number;
  amended?: number;
  skipped?: number;
  refused: { line: number; reason: string }[];
  /** Of all refused lines, where only the first are listed. */
  refused_count?: number;
  sums: Record<string, Sums>;
  first: string | null;
  last: string | null;
  /** Announced by the bank, not booked: not imported. */
  pending?: number;
  opening?: string | null;
  closing?: string | null;
  accounts?: AccountSums[];
  /** What does not stop an import, but a person should know. */
  warnings?: { line: number | null; text: string }[];
  positions: number[] | { first: number; last: number } | null;
}
export interface AccountSums {
  account: string;
  currency: string;
  rows: number;
  opening: string | null;
  closing: string | null;
}
/** Something that the file leaves open, with the key of the mapping that answers it. */
export interface Question {
  key: string;
  problem: string;
  options: string[];
}
export interface Certainty {
  key: string;
  value: string;
  sure: boolean;
  why: string;
}
export interface SampleRow {
  line: number;
  booked: string;
  amount: string;
  currency: string;
  kind: string;
  category: string;
  description?: string | null;
  counterparty?: string | null;
  account?: string | null;
}
export interface Preview {
  /** As the report calls it; only `csv` has columns. */
  format?: string;
  certainties?: Certainty[];
  mapping: Mapping;
  /** "sure", or which keys are not and why. */
  certainty?: string | null;
  columns: string[];
  sample: SampleRow[];
  report: Report;
}

/** A file that is not taken before something is answered. */
export class Unclear extends Refusal {
  constructor(
    problem: Refusal['problem'],
    readonly questions: Question[],
  ) {
    super(problem);
  }
}

export interface Upload {
  file: File;
  mapping?: Mapping | undefined;
  account?: string | undefined;
}

function formOf({ file, mapping, account }: Upload): FormData {
  const form = new FormData();
  // The file last: the server can read the mapping before the bytes arrive.
  if (mapping) form.set('mapping', JSON.stringify(mapping));
  if (account) form.set('account', account);
  form.set('file', file, file.name);
  return form;
}

type Progress = (share: number) => void;

/** Sends a form with progress from 0 to 1, which `fetch` cannot tell. */
function post(path: string, form: FormData, progress: Progress, signal: AbortSignal): Promise<{ status: number; body: unknown }> {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open('POST', path);
    request.responseType = 'json';
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.onerror = () => failed(new Refusal({ kind: 'unreachable', text: 'The server does not answer.' }));
    request.onabort = () => failed(new DOMException('Stopped', 'AbortError'));
    request.onload = () => done({ status: request.status, body: request.response as unknown });
    signal.addEventListener('abort', () => request.abort());
    request.send(form);
  });
}

async function send<T>(path: string, form: FormData, progress: Progress, signal: AbortSignal): Promise<T> {
  let answer = await post(path, form, progress, signal);
  if (answer.status === 401 && (await renewSession().catch(() => false))) answer = await post(path, form, progress, signal);
  if (answer.status >= 200 && answer.status < 300) return answer.body as T;
  if (answer.status === 401) expireSession();
  const problem = problemOfAnswer(answer.status, answer.body);
  const { questions } = (answer.body ?? {}) as { questions?: Question[] };
  throw questions?.length ? new Unclear(problem, questions) : new Refusal(problem);
}

const path = (business: string, action: '' | '/preview') => `/api/v1/businesses/${business}/imports${action}`;

export const previewImport = (business: string, upload: Upload, progress: (share: number) => void, signal: AbortSignal) =>
  send<Preview>(path(business, '/preview'), formOf(upload), progress, signal);

export async function writeImport(business: string, upload: Upload, progress: (share: number) => void, signal: AbortSignal): Promise<Report> {
  const answer = await send<Report | { report: Report }>(path(business, ''), formOf(upload), progress, signal);
  return 'report' in answer ? answer.report : answer;
}

/** First and last position that a write produced. */
export function positionsOf(report: Report): { first: number; last: number } | null {
  const { positions } = report;
  if (!positions) return null;
  if (!Array.isArray(positions)) return positions;
  const first = positions[0];
  const last = positions.at(-1);
  return first === undefined || last === undefined ? null : { first, last };
}

export const refusedCount = (report: Report): number => report.refused_count ?? report.refused.length;
