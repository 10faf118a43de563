/** The JSON routes as a server would answer them, in place of `fetch`; keeps what was sent. */
import { vi } from 'vitest';

export interface Sent {
  route: string;
  body: unknown;
}
type Answer = { status?: number; body?: unknown } | ((body: unknown) => { status?: number; body?: unknown });

export class FakeServer {
  sent: Sent[] = [];
  /** By "METHOD /path": a list is answered one after the other, and its last answer stays. */
  routes: Record<string, Answer | Answer[]> = {};

  constructor(routes: FakeServer['routes'] = {}) {
    this.routes = routes;
    vi.stubGlobal('fetch', (input: RequestInfo | URL, init?: RequestInit) => Promise.resolve(this.take(String(input), init)));
  }

  private take(path: string, init: RequestInit = {}): Response {
    const route = `${init.method ?? 'GET'} ${path.replace('/api/v1/identity/', '')}`;
    const body: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : undefined;
    this.sent.push({ route, body });
    const found = this.routes[route];
    const answer = Array.isArray(found) ? (found.length > 1 ? found.shift() : found[0]) : found;
    if (!answer) return new Response(null, { status: 404 });
    const { status, body: given } = typeof answer === 'function' ? answer(body) : answer;
    const code = status ?? (given === undefined ? 204 : 200);
    return new Response(given === undefined ? null : JSON.stringify(given), { status: code });
  }

  of(route: string): unknown[] {
    return this.sent.filter((one) => one.route === route).map((one) => one.body);
  }
}

export const refusal = (status: number, code: string, detail: string) => ({ status, body: { title: 'Refused', status, code, detail } });
