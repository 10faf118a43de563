import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { renderPage } from '@/testing/page';
import { FakeServer, refusal } from '@/testing/server';
import { InstallationHistory } from './installation';

afterEach(() => vi.unstubAllGlobals());

const entry = (position: number, kind: string, summary: string, actor = 'owner') => ({ position, at: '2026-10-23T09:00:00Z', kind, actor, summary, address: '192.0.2.7', agent: null });
const first = { entries: [entry(9, 'security.signed_in', 'Signed in'), { ...entry(8, 'security.sign_in_failed', 'Sign-in failed: expired', 'anonymous'), agent: 'curl/8.5.0' }], next: 'c8' };
const rest = { entries: [entry(3, 'security.account_made', 'Account made', 'user:018f0000-0000-7000-8000-00000000abcd')], next: null };

describe('the history of the installation', () => {
  it('shows who did what, page by page', async () => {
    new FakeServer({ 'GET /api/v1/audit?first=100': { body: first }, 'GET /api/v1/audit?first=100&after=c8': { body: rest } });
    await renderPage(InstallationHistory, '/history');
    const rows = async () => within(await screen.findByRole('table')).getAllByRole('row');
    expect((await rows())[1]).toHaveTextContent('Owner of the installationSigned in192.0.2.79');
    expect((await rows())[2]).toHaveTextContent('Nobody who is signed inSign-in failed: expired192.0.2.7, curl8');
    await userEvent.click(screen.getByRole('button', { name: 'Show more' }));
    expect(await screen.findByText('Account 0000abcd')).toBeVisible();
    expect(await rows()).toHaveLength(4);
    expect(screen.queryByRole('button', { name: 'Show more' })).toBeNull();
  });

  it('asks for what is looked for, on the page and as a file', async () => {
    new FakeServer({ 'GET /api/v1/audit?first=100': { body: first }, 'GET /api/v1/audit?kind=security.exported&first=100': { body: { entries: [], next: null } } });
    await renderPage(InstallationHistory, '/history');
    await screen.findByRole('table');
    await userEvent.selectOptions(screen.getByLabelText('What'), 'security.exported');
    expect(await screen.findByText('Nothing fits these filters.')).toBeVisible();
    expect(screen.getByRole('link', { name: 'These as CSV' })).toHaveAttribute('href', '/api/v1/audit?kind=security.exported&format=csv');
  });

  it('says whose it is to whoever may not read it', async () => {
    new FakeServer({ 'GET /api/v1/audit?first=100': refusal(403, 'FORBIDDEN', 'This is for the owner of the installation.') });
    await renderPage(InstallationHistory, '/history');
    expect(await screen.findByText('This is for the owner of the installation.')).toBeVisible();
  });
});
