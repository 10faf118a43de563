import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { BUSINESS, refused, renderScreen } from '@/testing/harness';
import { renderPage } from '@/testing/page';
import { FakeServer, refusal } from '@/testing/server';
import { Months } from './months';
import { linesOf, totals } from './totals';
import { VerifyReport } from './verify';

afterEach(() => vi.unstubAllGlobals());

const figure = (kind: string, inflow: string, outflow: string, net: string, count: number, currency = 'GBP') => ({ currency, kind, in: inflow, out: outflow, net, count });
const running = { month: '2026-10', state: 'OPEN', closedAt: null, closedBy: null, position: 1400, code: null, figures: [figure('REVENUE', '900.00', '0', '900.00', 3)], differences: [] };
const due = { ...running, month: '2026-09' };
const closed = {
  ...due, month: '2026-08', state: 'CLOSED', closedAt: '2026-09-03T08:00:00Z', closedBy: { kind: 'USER', name: 'user:1' }, position: 1200, code: '7KQ2-M0C4-XW9A-3F8T',
  figures: [figure('REVENUE', '182300.00', '0', '182300.00', 40), figure('EXPENSE', '0', '141100.00', '-141100.00', 61)],
  differences: [figure('EXPENSE', '0', '120.00', '-120.00', 1), figure('TAX', '0', '5.00', '-5.00', 1)],
};
const receipt = { id: BUSINESS.id, position: 9 };
const answers = {
  Months: () => ({ id: BUSINESS.id, months: [running, due, closed] }),
  CloseMonth: () => ({ closeMonth: receipt }),
  ReopenMonth: () => ({ reopenMonth: receipt }),
};
const rowOf = async (name: RegExp) => (await screen.findByRole('button', { name })).closest('li') as HTMLElement;
const open = async (name: RegExp) => {
  await userEvent.click(await screen.findByRole('button', { name }));
  return rowOf(name);
};

describe('months', () => {
  it('keeps what was sealed and shows what has come since beside it', async () => {
    await renderScreen(Months, { answers });
    const row = await open(/^August 2026/);
    expect(within(row).getByText('−125.00', { selector: 'button *' })).toBeVisible();
    const table = within(row).getByRole('table');
    const expenses = within(table).getByRole('row', { name: /^Expense/ });
    expect(within(expenses).getByText('−141,100.00')).toBeVisible();
    expect(within(expenses).getByText('−120.00')).toBeVisible();
    expect(within(row).getByRole('link', { name: 'What came since, line by line' })).toHaveAttribute('href', `/b/${BUSINESS.id}/changes?period=2026-08&figure=NET&since=p1200&currency=GBP`);
    expect(within(row).getByRole('link', { name: 'Report of August 2026 as PDF' })).toHaveAttribute('href', `/api/v1/businesses/${BUSINESS.id}/reports/2026-08?format=pdf`);
    expect(within(row).getByRole('link', { name: '7KQ2-M0C4-XW9A-3F8T' })).toHaveAttribute('href', '/report?code=7KQ2-M0C4-XW9A-3F8T');
  });

  it('closes after saying what that means, and again where it was refused', async () => {
    let tried = 0;
    const CloseMonth = () => (++tried === 1 ? refused('CONFLICT', 'More came for 2026-09 since you looked.') : { closeMonth: receipt });
    const { asked } = await renderScreen(Months, { answers: { ...answers, CloseMonth } });
    expect(within(await open(/^October 2026 running/)).queryByRole('button', { name: /^Close/ })).toBeNull();
    await open(/^September 2026 open/);
    await userEvent.click(screen.getByRole('button', { name: 'Close September 2026…' }));
    expect(tried).toBe(0);
    await userEvent.click(screen.getByRole('button', { name: 'Close September 2026' }));
    const before = asked.filter((one) => one.name === 'Months').length;
    await userEvent.click(await screen.findByRole('button', { name: 'Try again' }));
    await waitFor(() => expect(asked.filter((one) => one.name === 'Months').length).toBe(before + 1));
    await userEvent.click(screen.getByRole('button', { name: 'Close September 2026' }));
    expect(await screen.findByText('September 2026 is closed.')).toBeVisible();
    expect(asked.find((one) => one.name === 'CloseMonth')?.variables).toEqual({ business: BUSINESS.id, month: '2026-09', seen: 1400 });
  });

  it('opens a month again only for a reason', async () => {
    const { asked } = await renderScreen(Months, { answers });
    await open(/^August 2026/);
    await userEvent.click(screen.getByRole('button', { name: 'Open it again…' }));
    const go = screen.getByRole('button', { name: 'Open August 2026 again' });
    expect(go).toBeDisabled();
    await userEvent.type(screen.getByLabelText('Why is August 2026 opened again?'), 'Invoice 88121 was missing');
    await userEvent.click(go);
    await waitFor(() => expect(asked.find((one) => one.name === 'ReopenMonth')?.variables['reason']).toBe('Invoice 88121 was missing'));
  });

  it('offers neither to who may not, but the report', async () => {
    await renderScreen(Months, { answers, business: { ...BUSINESS, viewerRole: 'AUDITOR' } });
    const row = await open(/^August 2026/);
    expect(within(row).getAllByRole('button')).toHaveLength(1);
    expect(within(row).getByRole('link', { name: /^Report of August 2026, / })).toBeVisible();
  });

  it('sums by currency, the base first, and gives what came only since its own line', () => {
    expect(totals([figure('REVENUE', '1', '0', '1', 1, 'EUR'), figure('REVENUE', '2.50', '0', '2.50', 1), figure('TAX', '0', '1', '-1', 2)] as never, 'GBP')).toEqual([
      { currency: 'GBP', in: '2.50', out: '1', net: '1.50', count: 3 },
      { currency: 'EUR', in: '1', out: '0', net: '1', count: 1 },
    ]);
    expect(linesOf(closed.figures as never, closed.differences as never, 'GBP').map((line) => [line.kind, line.sealed?.net, line.since?.net])).toEqual([
      ['REVENUE', '182300.00', undefined],
      ['EXPENSE', '-141100.00', '-120.00'],
      ['TAX', undefined, '-5.00'],
    ]);
  });
});

describe('a report in the hand', () => {
  it('is checked by its code without a session', async () => {
    const sealed = { month: '2026-08', closed_at: '2026-09-03T08:00:00Z', known_position: 1200, position: 1203, hash: 'ab12', checkpoint: null, figures: [{ currency: 'GBP', kind: 'revenue', in: '182300.00', out: '0.00', count: 40 }] };
    new FakeServer({ 'GET /api/v1/reports/NOT-THIS': refusal(404, 'NOT_FOUND', 'No report was ever sealed with this code.'), 'GET /api/v1/reports/7KQ2-M0C4': { body: sealed } });
    await renderPage(VerifyReport, '/report?code=NOT-THIS');
    expect(await screen.findByText('No report was ever sealed with this code.')).toBeVisible();
    await userEvent.clear(screen.getByLabelText('Code of the report'));
    await userEvent.type(screen.getByLabelText('Code of the report'), '7KQ2-M0C4');
    await userEvent.click(screen.getByRole('button', { name: 'Check it' }));
    expect(await screen.findByText('August 2026 was sealed with this code')).toBeVisible();
    expect(screen.getByText('182,300.00')).toBeVisible();
  });
});
