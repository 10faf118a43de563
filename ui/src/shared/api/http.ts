/** The JSON routes: an answer is a value, a refusal is thrown as what happened. */
import { problemOfAnswer, Refusal } from './problem';
import { expireSession, sessionFetch } from './session';

export interface CallOptions {
  body?: unknown;
  /** A route for those who are not signed in: its 401 is about what was typed, not about the session. */
  open?: boolean;
}

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

export async function call<T = void>(method: Method, path: string, options: CallOptions = {}): Promise<T> {
  const text = await (await answered(method, path, options)).text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** The body is the file itself. */
export const callWithFile = async <T>(method: Method, path: string, file: Blob): Promise<T> => JSON.parse(await (await answered(method, path, { file })).text()) as T;

export const readText = async (path: string): Promise<string> => (await answered('GET', path, {})).text();
export const readFile = async (path: string): Promise<Blob> => (await answered('GET', path, {})).blob();

/** The answer, where it is none that refuses. */
async function answered(method: Method, path: string, { body, file, open = false }: CallOptions & { file?: Blob }): Promise<Response> {
  const type = file ? file.type : body === undefined ? undefined : 'application/json';
  const init: RequestInit = {
    method,
    credentials: 'same-origin',
    headers: { accept: 'application/json', ...(type === undefined ? {} : { 'content-type': type }) },
    ...(file ? { body: file } : body === undefined ? {} : { body: JSON.stringify(body) }),
  };
  const answer = await (open ? fetch : sessionFetch)(path, init).catch(() => {
    throw new Refusal({ kind: 'unreachable', text: 'The server does not answer.' });
  });
  if (answer.ok) return answer;
  const problem = problemOfAnswer(answer.status, parsed(await answer.text()), answer.headers.get('retry-after'));
  if (problem.kind === 'signed-out' && open) throw new Refusal({ ...problem, kind: 'refused' });
  if (problem.kind === 'signed-out') expireSession();
  throw new Refusal(problem);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
