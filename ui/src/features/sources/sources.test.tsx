import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { BUSINESS, renderScreen } from '@/testing/harness';
import { renderPage } from '@/testing/page';
import { FakeServer, refusal } from '@/testing/server';
import { ConnectCallback } from './callback';
import { Sources } from './sources';
import { standing } from './words';

afterEach(() => vi.unstubAllGlobals());

const PATH = `/api/v1/businesses/${BUSINESS.id}/connections`;
const SOURCE = '018f0000-0000-7000-8000-0000000000c1';
const account = BUSINESS.accounts[0];
const connection = {
  source: SOURCE, provider: 'plaid', name: 'Bank', state: 'active', health: 'healthy', reason: null, advice: 'Nothing to do.', healthSince: '2026-10-01T08:00:00Z',
  working: false, lastSync: '2026-10-23T08:00:00Z', lastSuccess: '2026-10-23T08:00:00Z', nextSync: '2026-10-23T08:05:00Z', failures: 0, transactions: 1812, accounts: [account?.id], progress: null,
};
const statement = {
  account: account?.id, currency: 'GBP', coveredFrom: '2025-10-23', coveredTo: '2026-10-23', gaps: [], pending: 2, pendingAmount: '-41.20', refused: 0, agrees: false, firstDifference: '2026-10-20', recorded: { differsFrom: '2026-10-20', position: 4711 },
  days: [{ day: '2026-10-20', opening: '100.00', movements: '-5.00', closing: '95.00', told: '90.00', difference: '-5.00' }],
};
const entry = { id: 7, cause: 'poll', beganAt: '2026-10-23T08:00:00Z', endedAt: '2026-10-23T08:00:01Z', outcome: 'failed', reason: 'RATE_LIMIT', pages: 1, added: 0, amended: 0, removed: 0, restarts: 0 };
const answers = (...connections: object[]) => ({
  Connections: () => ({ id: BUSINESS.id, connections }),
  Completeness: () => ({ id: BUSINESS.id, connection: { source: SOURCE, completeness: [statement] } }),
  Standings: () => ({ id: BUSINESS.id, standings: [] as object[] }),
  SyncLog: () => ({ id: BUSINESS.id, connection: { source: SOURCE, log: [entry] } }),
});
const providers = [
  { provider: 'plaid', title: 'Plaid', ways: ['redirect'], asks_instance: false },
  { provider: 'stripe', title: 'Stripe', ways: ['redirect', 'key'], asks_instance: false },
];

describe('the sources', () => {
  it('says what to do where one waits for its owner, and leads to it', async () => {
    const server = new FakeServer({ [`GET ${PATH}/providers`]: { body: providers }, [`POST ${PATH}`]: refusal(503, 'UNAVAILABLE', 'Plaid does not answer.') });
    const broken = { ...connection, health: 'consent_needed', advice: 'Agree again at your bank.', nextSync: null, reason: 'ITEM_LOGIN_REQUIRED', failures: 3 };
    await renderScreen(Sources, { answers: answers(broken), search: `?source=${SOURCE}` });
    expect(await screen.findByText('Agree again at your bank.')).toBeVisible();
    expect(screen.getByText(/It is not tried again until you have/)).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Agree again at the provider' }));
    expect(await screen.findByText('Plaid does not answer.')).toBeVisible();
    expect(server.of(`POST ${PATH}`)).toEqual([{ provider: 'plaid', source: SOURCE }]);
  });

  it('shows at once what the live line tells of a source', async () => {
    new FakeServer({ [`GET ${PATH}/providers`]: { body: providers } });
    const broken = { ...connection, health: 'provider_down', advice: 'The provider does not answer.' };
    await renderScreen(Sources, { answers: { ...answers(connection), ConnectionStatus: () => ({ connectionStatus: [broken] }) } });
    expect(await screen.findByText('provider does not answer')).toBeVisible();
    expect(screen.queryByText('up to date')).toBeNull();
  });

  it('states what is complete and what differs, day by day, and what was read', async () => {
    new FakeServer({ [`GET ${PATH}/providers`]: { body: providers } });
    await renderScreen(Sources, { answers: answers(connection), search: `?source=${SOURCE}` });
    const complete = await screen.findByRole('region', { name: 'Is it complete?' });
    expect(within(complete).getByText('not complete')).toBeVisible();
    expect(within(complete).getByText(/From October 20, 2026 on the balance differs/)).toBeVisible();
    expect(within(complete).getByText(/Recorded in the history at position 4,711: differs from October 20, 2026 on/)).toBeVisible();
    await userEvent.click(within(complete).getByRole('button', { name: 'Day by day' }));
    expect(within(complete).getByRole('row', { name: /Oct 20/ })).toHaveTextContent('90.00−5.00');
    expect(screen.getByText('failed')).toHaveTextContent('failed · RATE_LIMIT');
  });

  it('states of an account of files which days none tells of, and which lines were refused', async () => {
    new FakeServer({ [`GET ${PATH}/providers`]: { body: providers } });
    const standing = { account: account?.id, source: 'f1', completeTo: '2026-10-20', isComplete: false, gaps: 1, refused: 2, differsFrom: null, isComing: false };
    const gaps = [{ from: '2026-09-01', to: '2026-09-30', why: 'no file tells of it' }];
    await renderScreen(Sources, {
      answers: {
        ...answers(),
        Standings: () => ({ id: BUSINESS.id, standings: [standing] }),
        AccountCompleteness: () => ({ id: BUSINESS.id, completeness: { ...statement, gaps, refused: 2, agrees: null, firstDifference: null, recorded: null } }),
      },
    });
    const files = await screen.findByRole('region', { name: 'Accounts of files' });
    await userEvent.click(within(files).getByRole('button', { name: /Current account.*lacks days in 1 place/ }));
    expect(await within(files).findByText(/Sep 1 to Sep 30 is not whole: no file tells of it/)).toBeVisible();
    expect(within(files).getByText(/2 lines of its files were refused/)).toBeVisible();
    expect(within(files).getByText('No file tells a balance to compare with.')).toBeVisible();
  });

  it('connects by a key and lets the accounts be chosen', async () => {
    const made = { ...connection, state: 'choosing', lastSuccess: null, transactions: 0 };
    const list: object[] = [];
    const accounts = [{ id: 'a', name: 'Balance', currency: 'GBP', balance: '12.50', available: null, chosen: false }, { id: 'b', name: 'Reserve', currency: 'GBP', balance: null, available: null, chosen: false }];
    const server = new FakeServer({
      [`GET ${PATH}/providers`]: { body: providers },
      [`POST ${PATH}/key`]: () => {
        list.push(made);
        return { body: { business: BUSINESS.id, source: SOURCE, connection_state: 'choosing', accounts } };
      },
      [`GET ${PATH}/${SOURCE}/accounts`]: { body: accounts },
      [`PUT ${PATH}/${SOURCE}/accounts`]: {},
    });
    await renderScreen(Sources, { answers: { ...answers(), Connections: () => ({ id: BUSINESS.id, connections: [...list] }) } });
    await userEvent.click(await screen.findByRole('button', { name: 'Connect Stripe…' }));
    await userEvent.click(screen.getByRole('button', { name: 'Use a key instead' }));
    await userEvent.type(screen.getByLabelText('Key'), 'rk_test');
    await userEvent.click(screen.getByRole('button', { name: 'Connect' }));
    expect(await screen.findByText('waits for your choice of accounts')).toBeVisible();
    await userEvent.click(await screen.findByLabelText(/^Reserve/));
    await userEvent.click(screen.getByRole('button', { name: 'Read these' }));
    await waitFor(() => expect(server.of(`PUT ${PATH}/${SOURCE}/accounts`)).toEqual([{ accounts: ['a'] }]));
    expect(server.of(`POST ${PATH}/key`)).toEqual([{ provider: 'stripe', name: 'Stripe', key: 'rk_test' }]);
  });

  it('asks what becomes of the transactions before it disconnects', async () => {
    const server = new FakeServer({ [`GET ${PATH}/providers`]: { body: providers }, [`DELETE ${PATH}/${SOURCE}?data=erase`]: { body: { erased: 1812 } } });
    await renderScreen(Sources, { answers: answers(connection), search: `?source=${SOURCE}` });
    await userEvent.click(await screen.findByRole('button', { name: 'Disconnect…' }));
    await userEvent.click(screen.getByLabelText(/^leave all figures/));
    await userEvent.click(screen.getByRole('button', { name: 'Disconnect and take them out' }));
    expect(await screen.findByText('Bank is disconnected; 1,812 transactions left the figures.')).toBeVisible();
    expect(server.of(`DELETE ${PATH}/${SOURCE}?data=erase`)).toHaveLength(1);
  });

  it('offers a viewer nothing to change', async () => {
    const server = new FakeServer();
    await renderScreen(Sources, { answers: answers(connection), search: `?source=${SOURCE}`, business: { ...BUSINESS, viewerRole: 'VIEWER' } });
    await screen.findByRole('region', { name: 'Is it complete?' });
    expect(screen.queryByRole('button', { name: /Disconnect|Read now|Connect/ })).toBeNull();
    expect(server.sent).toEqual([]);
  });

  it('names the state of a source in words', () => {
    expect(standing({ state: 'active', health: 'healthy', lastSuccess: null, progress: null }).word).toBe('about to begin');
    expect(standing({ state: 'active', health: 'healthy', progress: {} }).word).toBe('reading the history');
    expect(standing({ state: 'active', health: 'something_new' }).word).toBe('something new');
    expect(standing({ state: 'ended', health: 'healthy' }).word).toBe('disconnected');
  });
});

describe('the way back from a provider', () => {
  it('exchanges what was brought, once', async () => {
    window.history.replaceState(null, '', '/connect/callback?state=s1&code=c1&realmId=r1');
    const server = new FakeServer({ 'POST /api/v1/connections/finish': { body: { business: 'b1', source: SOURCE, connection_state: 'choosing', accounts: [] } } });
    const { href } = await renderPage(ConnectCallback, '/connect/callback');
    await waitFor(() => expect(href()).toBe(`/b/b1/sources?source=${SOURCE}`));
    expect(server.of('POST /api/v1/connections/finish')).toEqual([{ state: 's1', params: { code: 'c1', realmId: 'r1' } }]);
  });

  it('says what was not agreed to', async () => {
    window.history.replaceState(null, '', '/connect/callback?state=s1&error=access_denied');
    new FakeServer({ 'POST /api/v1/connections/finish': refusal(409, 'CONFLICT', 'It was not agreed to.') });
    await renderPage(ConnectCallback, '/connect/callback');
    expect(await screen.findByText('It was not agreed to.')).toBeVisible();
    window.history.replaceState(null, '', '/');
  });
});
