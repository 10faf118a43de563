import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { renderPage } from '@/testing/page';
import { FakeServer } from '@/testing/server';
import { Account } from './account';

afterEach(() => vi.unstubAllGlobals());

const none = { requested_at: null, due_at: null, sole_owner_of: [] };
const asked = { requested_at: '2026-10-20T08:00:00Z', due_at: '2026-11-19T08:00:00Z', sole_owner_of: [] };
const routes = (more: FakeServer['routes'] = {}) =>
  new FakeServer({
    'GET profile': { body: { id: 'u1', name: 'Ada', email: 'ada@example.org' } },
    'GET factors': { body: { totp: false, recoveryCodesLeft: 0, passkeys: [] } },
    'GET sessions': { body: [] },
    'GET sign-ins': { body: { signIns: [] } },
    'GET erasure': { body: none },
    'GET /api/v1/erasures': { body: { erasures: [] } },
    ...more,
  });

describe('the end of an account', () => {
  it('is asked for by its address, and taken back while there is time', async () => {
    const server = routes({ 'POST erasure': { status: 202, body: asked }, 'DELETE erasure': {}, 'GET erasure': { body: none } });
    await renderPage(Account, '/account');
    await userEvent.click(await screen.findByRole('button', { name: 'Erase your account…' }));
    const go = screen.getByRole('button', { name: 'Erase it in thirty days' });
    expect(go).toBeDisabled();
    await userEvent.type(screen.getByLabelText('Your address'), 'ada@example.org');
    await userEvent.click(go);
    expect(await screen.findByText('November 19, 2026')).toBeVisible();
    expect(server.of('POST erasure')).toEqual([{ confirmation: 'ada@example.org' }]);
    await userEvent.click(screen.getByRole('button', { name: 'Keep your account' }));
    await waitFor(() => expect(screen.getByRole('button', { name: 'Erase your account…' })).toBeVisible());
  });

  it('waits until no business would be left without an owner', async () => {
    routes({ 'GET erasure': { body: { ...none, sole_owner_of: ['b1'] } } });
    await renderPage(Account, '/account');
    expect(await screen.findByRole('link', { name: 'its team' })).toHaveAttribute('href', '/b/b1/team');
    expect(screen.queryByRole('button', { name: 'Erase your account…' })).toBeNull();
  });

  it('shows the certificate of a business that is gone', async () => {
    routes({
      'GET /api/v1/erasures': { body: { erasures: [{ business: 'b9', erased_at: '2026-10-01T08:00:00Z', done: true, certificate_until: '2026-12-30T08:00:00Z' }] } },
      'GET /api/v1/erasures/b9/certificate?as=text': { body: 'Erased' },
    });
    await renderPage(Account, '/account');
    const row = (await screen.findByText('b9')).closest('li') as HTMLElement;
    expect(within(row).getByRole('link', { name: 'Save it' })).toHaveAttribute('href', '/api/v1/erasures/b9/certificate');
    await userEvent.click(within(row).getByRole('button', { name: 'Show the certificate' }));
    expect(await screen.findByRole('dialog', { name: 'Certificate of erasure' })).toHaveTextContent('Erased');
  });
});
