import type { Client } from '@urql/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { BatchesDocument, CategoryTreeDocument, ChangesDocument, SeriesDocument } from '@/shared/graphql/generated';
import { entryKey, queryStore } from './query-store';

const of = { business: 'b' };
const key = entryKey(CategoryTreeDocument, of);

/** Answers in the order in which they are let go, each with its number. */
function slowClient() {
  const waiting: ((answer: object) => void)[] = [];
  const client = { query: () => ({ toPromise: () => new Promise((done) => waiting.push(done)) }) } as unknown as Client;
  let answered = 0;
  const answer = async (told: object = { data: answered }) => {
    waiting[answered++]?.(told);
    await new Promise((done) => setTimeout(done));
  };
  return { client, answer, asked: () => waiting.length };
}

beforeEach(() => queryStore.clear());

describe('answers by question', () => {
  it('asks once at a time, and once more for whoever asked again meanwhile', async () => {
    const { client, answer, asked } = slowClient();
    let done = false;
    void queryStore.ask(client, CategoryTreeDocument, of, 5);
    void queryStore.ask(client, CategoryTreeDocument, of, 5);
    void queryStore.ask(client, CategoryTreeDocument, of, 5, true).then(() => (done = true));
    expect(asked()).toBe(1);
    await answer();
    expect([asked(), done, queryStore.peek(key).data]).toEqual([2, false, 0]);
    await answer();
    expect([asked(), done, queryStore.peek(key).data]).toEqual([2, true, 1]);
  });
  it('asks for a newer position that came meanwhile, and not for ever where it fails', async () => {
    const { client, answer, asked } = slowClient();
    void queryStore.ask(client, CategoryTreeDocument, of, 5);
    void queryStore.ask(client, CategoryTreeDocument, of, 6);
    await answer();
    expect(asked()).toBe(2);
    await answer({ error: { message: 'no', graphQLErrors: [] } });
    expect(asked()).toBe(2);
    expect(queryStore.peek(key).problem).toBeDefined();
  });
  it('asks for the present at one position, and for the past as it is', async () => {
    const sent: object[] = [];
    const client = { query: (_: unknown, variables: object) => (sent.push(variables), { toPromise: () => Promise.resolve({ data: {} }) }) } as unknown as Client;
    const period = { from: '2026-01-01', to: '2026-01-31' };
    const series = { ...of, period, bucket: 'MONTH' as const };
    await queryStore.ask(client, SeriesDocument, series, 0);
    await queryStore.ask(client, SeriesDocument, series, 7);
    await queryStore.ask(client, SeriesDocument, { ...series, asOf: { date: '2026-02-01' } }, 7);
    await queryStore.ask(client, ChangesDocument, { ...of, metric: 'PROFIT' as const, period, from: { position: 1 } }, 7);
    await queryStore.ask(client, BatchesDocument, of, 7);
    expect(sent).toEqual([
      series,
      { ...series, minPosition: 7, asOf: { position: 7 } },
      { ...series, minPosition: 7, asOf: { date: '2026-02-01' } },
      { ...of, metric: 'PROFIT', period, from: { position: 1 }, minPosition: 7, to: { position: 7 } },
      { ...of, minPosition: 7 },
    ]);
  });
});
