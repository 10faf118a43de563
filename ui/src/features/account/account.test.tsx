import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { renderPage } from '@/testing/page';
import { FakeServer, refusal } from '@/testing/server';
import { Account } from './account';
import { shapesOf } from './enrol';

afterEach(() => vi.unstubAllGlobals());

const SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 3 3" onload="alert(1)"><rect width="3" height="3" fill="#ffffff"/><path d="M0 0h1v1h-1z" fill="#000"/><script>alert(2)</script></svg>';
const NOBODY = { totp: false, recoveryCodesLeft: 0, passkeys: [] };
const session = (id: string, current: boolean) => ({ id, current, agent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/130.0 Safari/537.36', address: '192.0.2.7', createdAt: '2026-10-20T08:00:00Z', lastUsedAt: '2026-10-23T09:00:00Z' });
const stepUp = refusal(403, 'SECOND_FACTOR', 'Confirm with your second factor first; it counts for ten minutes.');

const routes = () => ({
  'GET profile': { body: { id: 'u1', name: 'Ada', email: 'ada@example.org' } },
  'GET factors': { body: NOBODY },
  'GET erasure': { body: { requested_at: null, due_at: null, sole_owner_of: [] } },
  'GET /api/v1/erasures': { body: { erasures: [] } },
  'GET sessions': { body: [session('s1', true), session('s2', false)] },
  'GET sign-ins': { body: { signIns: [] } },
});

describe('the account', () => {
  it('sets up an authenticator app and shows the recovery codes until they are kept', async () => {
    const codes = Array.from({ length: 10 }, (_, index) => `code-${index}`);
    const server = new FakeServer({
      ...routes(),
      'GET factors': [{ body: NOBODY }, { body: { totp: true, recoveryCodesLeft: 10, passkeys: [] } }],
      'POST factors/totp/start': { body: { secret: 'JBSWY3DPEHPK3PXP', uri: 'otpauth://totp/Workdock:ada', qrSvg: SVG } },
      'POST factors/totp/confirm': { body: { recoveryCodes: codes } },
    });
    await renderPage(Account, '/account');
    await userEvent.click(await screen.findByRole('button', { name: 'Set up an authenticator app' }));
    expect(await screen.findByRole('img', { name: /QR code/ })).toBeVisible();
    expect(screen.getByText('JBSW Y3DP EHPK 3PXP')).toBeVisible();
    await userEvent.type(screen.getByLabelText('Type the code that the app shows'), '123456');
    await userEvent.click(screen.getByRole('button', { name: 'Confirm' }));
    expect(within(await screen.findByRole('list', { name: 'Recovery codes' })).getAllByRole('listitem')).toHaveLength(10);
    expect(screen.getByRole('button', { name: 'Done' })).toBeDisabled();
    await userEvent.click(screen.getByLabelText('I have kept them'));
    await userEvent.click(screen.getByRole('button', { name: 'Done' }));
    expect(await screen.findByText(/10 of 10 are left/)).toBeVisible();
    expect(screen.queryByText('code-1')).toBeNull();
    expect(server.of('POST factors/totp/confirm')).toEqual([{ code: '123456' }]);
  });

  it('asks for the second factor when the server does, and then goes on by itself', async () => {
    const server = new FakeServer({
      ...routes(),
      'GET factors': { body: { totp: true, recoveryCodesLeft: 3, passkeys: [] } },
      'POST factors/recovery-codes': [stepUp, { body: { recoveryCodes: ['fresh-1'] } }],
      'POST confirm': [refusal(401, 'UNAUTHENTICATED', 'This code is not right.'), {}],
    });
    await renderPage(Account, '/account');
    await userEvent.click(await screen.findByRole('button', { name: 'Make new ones' }));
    const dialog = await screen.findByRole('dialog', { name: 'Confirm that it is you' });
    await userEvent.type(await within(dialog).findByLabelText('Code from the app'), '111111');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Confirm and go on' }));
    expect(await within(dialog).findByText('This code is not right.')).toBeVisible();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Confirm and go on' }));
    expect(await screen.findByText('fresh-1')).toBeVisible();
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(server.of('POST factors/recovery-codes')).toHaveLength(2);
  });

  it('does nothing and says nothing when the confirmation is left', async () => {
    const server = new FakeServer({ ...routes(), 'POST factors/totp/start': stepUp });
    await renderPage(Account, '/account');
    await userEvent.click(await screen.findByRole('button', { name: 'Set up an authenticator app' }));
    const dialog = await screen.findByRole('dialog');
    expect(await within(dialog).findByLabelText('Password')).toBeVisible();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Leave it' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(screen.queryByRole('alert')).toBeNull();
    expect(server.of('POST factors/totp/start')).toHaveLength(1);
  });

  it('takes a change of name at once, with the way back', async () => {
    const server = new FakeServer({ ...routes(), 'PATCH profile': {} });
    await renderPage(Account, '/account');
    const field = await screen.findByLabelText('Your name');
    await userEvent.clear(field);
    await userEvent.type(field, 'Ada L.');
    await userEvent.click(screen.getByRole('button', { name: 'Save the name' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Undo' }));
    await waitFor(() => expect(server.of('PATCH profile')).toEqual([{ name: 'Ada L.' }, { name: 'Ada' }]));
  });

  it('ends another session, never the one in use', async () => {
    const server = new FakeServer({ ...routes(), 'DELETE sessions/s2': {} });
    await renderPage(Account, '/account');
    expect(await screen.findByText('this one')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'End the session on Chrome on Linux' }));
    expect(await screen.findByText('The session on Chrome on Linux has ended.')).toBeVisible();
    expect(server.of('DELETE sessions/s2')).toHaveLength(1);
  });

  it('leads the owner of the installation to its history', async () => {
    new FakeServer({ ...routes(), 'GET profile': { body: { id: null, name: 'Owner of this installation', email: null } } });
    await renderPage(Account, '/account');
    expect(await screen.findByRole('link', { name: 'History of this installation' })).toHaveAttribute('href', '/history');
  });

  it('tells where each session is', async () => {
    const munich = { kind: 'WORLD', city: 'Munich', country: 'DE' };
    const near = { kind: 'THIS_MACHINE', city: null, country: null };
    const body = [{ ...session('s1', true), address: '127.0.0.1', place: near }, { ...session('s2', false), place: munich }, session('s3', false)];
    new FakeServer({ ...routes(), 'GET sessions': { body } });
    await renderPage(Account, '/account');
    const rows = within(await screen.findByRole('list', { name: 'Sessions' })).getAllByRole('listitem');
    expect(rows[0]).toHaveTextContent('from 127.0.0.1 (this machine) · since');
    expect(rows[1]).toHaveTextContent('from 192.0.2.7 (Munich, Germany) · since');
    expect(rows[2]).toHaveTextContent('from 192.0.2.7 · since');
  });

  it('shows who signed in lately, and who failed to', async () => {
    const tried = { at: '2026-10-23T09:00:00Z', result: 'SIGNED_IN', factors: ['password', 'totp'], reason: null, address: '192.0.2.7', agent: session('s1', true).agent };
    const failed = { ...tried, at: '2026-10-23T08:59:00Z', result: 'FAILED', factors: ['password'], reason: 'wrong_password', address: '198.51.100.9', place: { kind: 'WORLD', city: null, country: 'FR' }, agent: null };
    new FakeServer({ ...routes(), 'GET sign-ins': { body: { signIns: [tried, failed] } } });
    await renderPage(Account, '/account');
    const list = within(await screen.findByRole('list', { name: 'Recent sign-ins' }));
    const rows = list.getAllByRole('listitem').map((row) => row.textContent);
    expect(rows[0]).toMatch(/Chrome on Linux.*192\.0\.2\.7.*Signed in: password and code from the app/);
    expect(rows[1]).toMatch(/Unknown device.*198\.51\.100\.9 \(France\).*Failed: wrong password/);
  });

  it('has the way out', async () => {
    const server = new FakeServer({ ...routes(), 'POST sign-out': {} });
    await renderPage(Account, '/account');
    await userEvent.click(await screen.findByRole('button', { name: 'Sign out' }));
    await waitFor(() => expect(server.of('POST sign-out')).toHaveLength(1));
  });

  it('renews the session once when it has run out, and asks again', async () => {
    const server = new FakeServer({
      ...routes(),
      'GET profile': [{ status: 401, body: {} }, { body: { id: 'u1', name: 'Ada', email: 'ada@example.org' } }],
      'POST refresh': {},
    });
    await renderPage(Account, '/account');
    expect(await screen.findByText('ada@example.org')).toBeVisible();
    expect(server.of('POST refresh')).toHaveLength(1);
  });
});

it('takes only shapes from the picture', () => {
  expect(shapesOf(SVG)).toEqual({ box: '0 0 3 3', paths: ['M0 0h1v1h-1z'], rects: [] });
});
