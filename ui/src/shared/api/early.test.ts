import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { askEarly, fetchOnce, keyOf } from './early';

let sent: number;
beforeEach(() => {
  sent = 0;
  vi.stubGlobal('fetch', () => {
    sent += 1;
    return sent > 2 ? Promise.reject(new Error('away')) : Promise.resolve(new Response('{"data":{"n":1}}'));
  });
});
afterEach(() => vi.unstubAllGlobals());

const question = { operationName: 'Now', query: 'query Now { n }', variables: { id: 'a', period: { from: '1', to: '2' } } };
const init = { method: 'POST', body: JSON.stringify({ ...question, variables: { period: { to: '2', from: '1' }, id: 'a' } }) };

it('asks the same only once, and only the first time', async () => {
  expect(await askEarly(question)).toEqual({ n: 1 });
  expect(await (await fetchOnce('/graphql', init)).json()).toEqual({ data: { n: 1 } });
  expect(sent).toBe(1);
  await fetchOnce('/graphql', init);
  expect(sent).toBe(2);
});

it('knows the same question by its values', () => {
  expect(keyOf({ operationName: 'A', variables: { b: undefined, a: 1 } })).toBe(keyOf({ operationName: 'A', variables: { a: 1 } }));
  expect(keyOf({ operationName: 'A', variables: { a: 1 } })).not.toBe(keyOf({ operationName: 'A', variables: { a: 2 } }));
});
