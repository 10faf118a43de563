import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { BUSINESS, renderScreen } from '@/testing/harness';
import { FakeServer, refusal } from '@/testing/server';
import { Settings } from './settings';

afterEach(() => vi.unstubAllGlobals());

const KEYS = `/api/v1/businesses/${BUSINESS.id}/keys`;
const KEY = { id: 'k1', name: 'Payroll sync', prefix: 'wdk_7f3a', role: 'VIEWER', scopes: ['READ'], createdAt: '2026-10-01T08:00:00Z', expiresAt: '2026-12-30T00:00:00Z', lastUsedAt: null };
const answers = {
  BusinessNow: () => ({ ...BUSINESS, known: { position: 9, at: null } }),
  LegalHold: () => ({ id: BUSINESS.id, legalHold: null }),
  KeptHistory: () => ({ id: BUSINESS.id, retention: { months: 24, least: 3, most: 240 }, archives: [] }),
  Policy: () => ({ id: BUSINESS.id, needsSecondFactor: false }),
  SetSecondFactorPolicy: () => ({ setSecondFactorPolicy: { id: BUSINESS.id, position: 9 } }),
  RenameBusiness: () => ({ renameBusiness: { id: BUSINESS.id, position: 9 } }),
};

describe('settings', () => {
  it('shows a key once, and then only its beginning', async () => {
    const server = new FakeServer({ [`GET ${KEYS}`]: [{ body: [] }, { body: [KEY] }], [`POST ${KEYS}`]: { body: { id: 'k1', key: 'wdk_7f3a_secret' } } });
    await renderScreen(Settings, { answers });
    await userEvent.click(await screen.findByRole('button', { name: 'Make a key…' }));
    await userEvent.type(screen.getByLabelText('What it is for'), 'Payroll sync');
    await userEvent.click(screen.getByRole('button', { name: 'Make the key' }));
    expect(await screen.findByText('wdk_7f3a_secret')).toBeVisible();
    expect(server.of(`POST ${KEYS}`)).toEqual([{ name: 'Payroll sync', role: 'VIEWER', scopes: ['READ'], expiresAt: '2027-01-21T00:00:00Z' }]);
    await userEvent.click(screen.getByRole('button', { name: 'I have kept it' }));
    expect(screen.queryByText('wdk_7f3a_secret')).toBeNull();
    expect(screen.getByText('wdk_7f3a…')).toBeVisible();
  });

  it('revokes for good after asking', async () => {
    const server = new FakeServer({ [`GET ${KEYS}`]: [{ body: [KEY] }, { body: [] }], [`DELETE ${KEYS}/k1`]: [refusal(503, 'UNAVAILABLE', 'Not just now.'), {}] });
    await renderScreen(Settings, { answers });
    await userEvent.click(await screen.findByRole('button', { name: 'Revoke Payroll sync…' }));
    await userEvent.click(screen.getByRole('button', { name: 'Revoke for good' }));
    expect(await screen.findByText('Not just now.')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Revoke for good' }));
    expect(await screen.findByText('There is none.')).toBeVisible();
    expect(server.of(`DELETE ${KEYS}/k1`)).toHaveLength(2);
  });

  it('changes what differs at once, with the way back', async () => {
    new FakeServer({ [`GET ${KEYS}`]: { body: [] } });
    const { asked } = await renderScreen(Settings, { answers });
    await userEvent.type(screen.getByLabelText('Name'), ' Ltd');
    await userEvent.click(screen.getByRole('button', { name: 'Save' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Undo' }));
    await waitFor(() => expect(asked.filter((one) => one.name === 'RenameBusiness').map((one) => one.variables['name'])).toEqual(['Demo shop Ltd', 'Demo shop']));
  });

  it('requires a second factor of every member, with the way back', async () => {
    new FakeServer({ [`GET ${KEYS}`]: { body: [] } });
    const { asked } = await renderScreen(Settings, { answers });
    await userEvent.click(await screen.findByRole('button', { name: 'Require it of every member' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Undo' }));
    await waitFor(() => expect(asked.filter((one) => one.name === 'SetSecondFactorPolicy').map((one) => one.variables['required'])).toEqual([true, false]));
  });

  it('exports everything after the second factor was shown', async () => {
    new FakeServer({ [`GET ${KEYS}`]: { body: [] }, 'GET factors': { body: { totp: true, recoveryCodesLeft: 3, passkeys: [] } }, 'POST confirm': {} });
    const addresses: (string | null)[] = [];
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      addresses.push(this.getAttribute('href'));
    });
    const assurances = ['TWO_FACTORS', 'STEPPED_UP'];
    await renderScreen(Settings, { answers: { ...answers, Assurance: () => ({ viewer: { assurance: assurances.shift() } }) } });
    await userEvent.click(await screen.findByRole('button', { name: 'Export everything' }));
    await userEvent.type(await screen.findByLabelText('Code from the app'), '123456');
    expect(addresses).toEqual([]);
    await userEvent.click(screen.getByRole('button', { name: 'Confirm and go on' }));
    expect(await screen.findByText('The archive is being written; your browser saves it.')).toBeVisible();
    expect(addresses).toEqual([`/api/v1/businesses/${BUSINESS.id}/export`]);
  });

  it('offers a viewer nothing to change', async () => {
    const server = new FakeServer();
    await renderScreen(Settings, { answers, business: { ...BUSINESS, viewerRole: 'VIEWER' } });
    expect(screen.queryByRole('button')).toBeNull();
    expect(server.sent).toEqual([]);
  });
});
