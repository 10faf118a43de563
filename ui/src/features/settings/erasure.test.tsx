import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { BUSINESS, refused, renderScreen } from '@/testing/harness';
import { FakeServer } from '@/testing/server';
import { Settings } from './settings';

afterEach(() => vi.unstubAllGlobals());

const receipt = { id: BUSINESS.id, position: 9 };
const answers = {
  BusinessNow: () => ({ ...BUSINESS, known: { position: 9, at: null } }),
  Policy: () => ({ id: BUSINESS.id, needsSecondFactor: false }),
  LegalHold: () => ({ id: BUSINESS.id, legalHold: null }),
  RequestErasure: () => ({ requestErasure: receipt }),
  WithdrawErasure: () => ({ withdrawErasure: receipt }),
  SetLegalHold: () => ({ setLegalHold: receipt }),
  KeptHistory: () => ({ id: BUSINESS.id, retention: { months: 24, least: 3, most: 240 }, archives: [] }),
};
const keys = () => new FakeServer({ [`GET /api/v1/businesses/${BUSINESS.id}/keys`]: { body: [] } });

describe('the end of a business', () => {
  it('is asked for by its name, letter by letter', async () => {
    keys();
    const { asked } = await renderScreen(Settings, { answers });
    await userEvent.click(await screen.findByRole('button', { name: 'Erase this business…' }));
    const go = screen.getByRole('button', { name: 'Erase it in thirty days' });
    await userEvent.type(screen.getByLabelText('Name of the business'), 'demo shop');
    expect(go).toBeDisabled();
    await userEvent.clear(screen.getByLabelText('Name of the business'));
    await userEvent.type(screen.getByLabelText('Name of the business'), 'Demo shop');
    await userEvent.click(go);
    await waitFor(() => expect(asked.find((one) => one.name === 'RequestErasure')?.variables).toEqual({ business: BUSINESS.id, confirmation: 'Demo shop' }));
    expect(await screen.findByText('Demo shop is to be erased. Every owner gets a letter.')).toBeVisible();
  });

  it('says why it is refused', async () => {
    keys();
    await renderScreen(Settings, { answers: { ...answers, RequestErasure: () => refused('REFUSED', 'A legal hold stands.') } });
    await userEvent.click(await screen.findByRole('button', { name: 'Erase this business…' }));
    await userEvent.type(screen.getByLabelText('Name of the business'), 'Demo shop');
    await userEvent.click(screen.getByRole('button', { name: 'Erase it in thirty days' }));
    expect(await screen.findByText('A legal hold stands.')).toBeVisible();
  });

  it('is taken back by one press while there is time', async () => {
    keys();
    const business = { ...BUSINESS, erasure: { requestedAt: '2026-10-20T08:00:00Z', dueAt: '2026-11-19T08:00:00Z' } };
    const { asked } = await renderScreen(Settings, { answers, business });
    expect(await screen.findByText('Nov 19, 2026, 08:00')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Keep Demo shop' }));
    await waitFor(() => expect(asked.some((one) => one.name === 'WithdrawErasure')).toBe(true));
  });

  it('is held off for a reason', async () => {
    keys();
    const { asked } = await renderScreen(Settings, { answers });
    await userEvent.click(await screen.findByRole('button', { name: 'Set one…' }));
    await userEvent.type(screen.getByLabelText('What is it for?'), 'Case 12/26');
    await userEvent.click(screen.getByRole('button', { name: 'Set the hold' }));
    await waitFor(() => expect(asked.find((one) => one.name === 'SetLegalHold')?.variables['reason']).toBe('Case 12/26'));
  });
});
