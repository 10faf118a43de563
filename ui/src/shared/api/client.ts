/** The one GraphQL client: fetch for queries, one WebSocket for what changes. */
import { Client, fetchExchange, mapExchange, subscriptionExchange } from '@urql/core';
import { createClient as createSocket } from 'graphql-ws';
import { connection, socketEvents } from './connection';
import { fetchOnce } from './early';
import { problemOf } from './problem';
import { expireSession, renewSession, sessionFetch } from './session';

const socketUrl = (): string => {
  const { protocol, host } = window.location;
  return `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/graphql/ws`;
};

/** A line that was not even opened may have been refused for an access token that ran out meanwhile. */
async function nextUrl(): Promise<string> {
  if (connection().state === 'lost') await renewSession().catch(() => false);
  return socketUrl();
}

const waits = [0, 500, 1000, 2000, 4000, 8000];

export function createApiClient(): Client {
  const socket = createSocket({
    url: nextUrl,
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
    fetch: (input, init) => sessionFetch(input, init, fetchOnce),
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
