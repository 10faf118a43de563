import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Client, type OperationResult } from '@urql/core';
import { Provider } from 'urql';
import { filter, map, pipe } from 'wonka';
import { renderPage } from '@/testing/page';
import { FakeServer, refusal } from '@/testing/server';
import { AcceptInvitation } from './accept';

afterEach(() => vi.unstubAllGlobals());

const sent: unknown[] = [];
const client = new Client({
  url: '/graphql',
  preferGetMethod: false,
  exchanges: [
    () => (operations) =>
      pipe(
        operations,
        filter((operation) => operation.kind !== 'teardown'),
        map((operation) => {
          if (operation.kind === 'query') return { operation, data: { business: { id: 'b1' } }, stale: false, hasNext: false } as OperationResult;
          sent.push(operation.variables);
          return { operation, data: { acceptInvitation: { id: 'b1', position: 3 } }, stale: false, hasNext: false } as OperationResult;
        }),
      ),
  ],
});
const Page = () => (
  <Provider value={client}>
    <AcceptInvitation />
  </Provider>
);

describe('an invitation', () => {
  it('is accepted by whoever is signed in, with the token behind the #', async () => {
    new FakeServer({ 'GET profile': { body: { id: 'u2', name: 'Ben', email: 'ben@example.org' } } });
    const { href } = await renderPage(Page, '/invitation#token=t0');
    expect(await screen.findByText('ben@example.org')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Join the business' }));
    await waitFor(() => expect(href()).toBe('/b/b1'));
    expect(sent).toEqual([{ token: 't0' }]);
  });

  it('leads a stranger to an account, and back here after signing in', async () => {
    new FakeServer({ 'GET profile': refusal(401, 'UNAUTHENTICATED', 'Sign in.'), 'POST refresh': refusal(401, 'UNAUTHENTICATED', 'Over.') });
    await renderPage(Page, '/invitation#token=t0');
    expect(await screen.findByRole('link', { name: 'Make an account' })).toHaveAttribute('href', '/register');
    expect(screen.getByRole('link', { name: 'Sign in' }).getAttribute('href')).toBe('/sign-in?back=%2Finvitation%23token%3Dt0');
  });

  it('says when the link is not whole', async () => {
    new FakeServer({ 'GET profile': { body: { id: 'u2', name: 'Ben', email: 'ben@example.org' } } });
    await renderPage(Page, '/invitation');
    expect(await screen.findByRole('alert')).toHaveTextContent('This link is not whole');
  });
});
