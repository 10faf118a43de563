/** The one GraphQL client: fetch for queries, one WebSocket for what changes. */
import { Client, fetchExchange, mapExchange, subscriptionExchange } from '@urql/core';
import { createClient as createSocket } from 'graphql-ws';
import { socketEvents } from './connection';
import { fetchOnce } from './early';
import { problemOf } from './problem';
import { expireSession } from './session';

const socketUrl = (): string => {
  const { protocol, host } = window.location;
  return `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/graphql/ws`;
};

const waits = [0, 500, 1000, 2000, 4000, 8000];

export function createApiClient(): Client {
  const socket = createSocket({
    url: socketUrl,
    lazy: true,
    keepAlive: 12_000,
    retryAttempts: Number.POSITIVE_INFINITY,
    // A broken line is never final: the page keeps its figures and says since when.
    shouldRetry: () => true,
    retryWait: async (attempt) => {
      const wait = waits[Math.min(attempt, waits.length - 1)] ?? 8000;
      await new Promise((done) => setTimeout(done, wait * (0.75 + Math.random() / 2)));
    },
    on: socketEvents,
  });
  return new Client({
    url: '/graphql',
    fetch: fetchOnce,
    fetchOptions: { credentials: 'same-origin' },
    preferGetMethod: false,
    exchanges: [
      mapExchange({
        onError: (error) => {
          if (problemOf(error).kind === 'signed-out') expireSession();
        },
      }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: (operation) => ({
          subscribe: (sink) => ({
            unsubscribe: socket.subscribe({ query: operation.query ?? '', variables: operation.variables }, sink),
          }),
        }),
      }),
    ],
  });
}
