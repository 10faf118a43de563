import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { BUSINESS, renderScreen } from '@/testing/harness';
import { FakeServer } from '@/testing/server';
import { Rates } from './rates';

afterEach(() => vi.unstubAllGlobals());

const TWO = { ...BUSINESS, currencies: ['GBP', 'USD'] };
const RATE = { day: '2026-10-05', base: 'USD', quote: 'GBP', rate: '0.8', source: 'MANUAL', position: 12, replaced: '0.79', note: 'As the bank paid' };
const answers = {
  Rates: () => ({ id: TWO.id, exchangeRates: [RATE], daysWithoutRate: [{ currency: 'USD', day: '2026-10-14', transactionCount: 2 }] }),
  RecordRate: () => ({ recordRate: { id: TWO.id, position: 13 } }),
};

describe('exchange rates', () => {
  it('says which days lack one, and what is recorded by whom', async () => {
    await renderScreen(Rates, { answers, business: TWO });
    expect(await screen.findByText(/^USD: .*14/)).toBeVisible();
    expect(screen.getByText(/1 USD = 0.8 GBP/)).toBeVisible();
    expect(screen.getByText(/before: 0.79/)).toBeVisible();
    expect(screen.getByText(/As the bank paid/)).toBeVisible();
  });

  it('records one of a day', async () => {
    const { asked } = await renderScreen(Rates, { answers, business: TWO });
    await userEvent.type(await screen.findByLabelText('One USD in GBP'), '0,81');
    await userEvent.click(screen.getByRole('button', { name: 'Record' }));
    const rate = { day: BUSINESS.today, base: 'USD', quote: 'GBP', rate: '0.81', note: null };
    await waitFor(() => expect(asked.find((one) => one.name === 'RecordRate')?.variables).toEqual({ business: TWO.id, rate }));
  });

  it('tells what became of a file', async () => {
    const report = { file: 'f.csv', read: 5, added: 2, corrected: 1, known: 0, kept: 1, refused: [{ line: 3, reason: '"x" is no rate of USD' }], refused_count: 1, first: null, last: null, position: 13 };
    new FakeServer({ [`POST /api/v1/businesses/${TWO.id}/rates/imports`]: { body: report } });
    await renderScreen(Rates, { answers, business: TWO });
    await userEvent.upload(await screen.findByLabelText('File of exchange rates'), new File(['Date,USD'], 'f.csv', { type: 'text/csv' }));
    expect(await screen.findByText(/5 rates read: 2 added, 1 corrected, 0 known, 1 left as entered by hand, 1 refused/)).toBeVisible();
    expect(screen.getByText(/Line 3/)).toBeVisible();
  });
});
