import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { type Answers, BUSINESS, renderScreen } from '@/testing/harness';
import { Owed } from './owed';

const document = (id: string, more: Record<string, unknown> = {}) => ({
  id, kind: 'INVOICE', number: id, counterparty: `Café ${id}`, memo: null, day: '2026-09-01', due: '2026-10-01', total: '120.00', open: '120.00',
  currency: 'GBP', overdue: false, position: 1083900, paidBy: [], ...more,
});

const page = (nodes: unknown[], owed: unknown[] = [], endCursor: string | null = null) => ({
  id: BUSINESS.id, documents: { nodes, owed, pageInfo: { hasNextPage: endCursor !== null, endCursor } },
});

const answers = (of: (kinds: unknown, after: unknown) => unknown): Answers => ({ Owed: ({ kinds, after }) => of((kinds as string[])[0], after) });

const part = async (name: string) => within(await screen.findByRole('region', { name }));

describe('owed', () => {
  it('tells what is owed to us with what is overdue, and opens to its payments', async () => {
    const paid = document('1037', { open: '20.00', overdue: true, paidBy: [{ transaction: 't1', amount: '100.00' }] });
    const { href } = await renderScreen(Owed, {
      answers: answers((kind) => (kind === 'INVOICE' ? page([paid, document('1038')], [{ currency: 'GBP', amount: '140.00', overdue: '20.00' }]) : page([]))),
    });
    const toUs = await part('Owed to us');
    expect(toUs.getByText(/20\.00 overdue/)).toBeVisible();
    expect(toUs.getByText(/due .*2026, overdue/)).toBeVisible();
    await userEvent.click(toUs.getByText('Café 1037'));
    await userEvent.click(toUs.getByRole('button', { name: /100.00 GBP paid/ }));
    expect(href()).toContain('tx=t1');
  });

  it('takes credits off, and says what brings documents where there are none', async () => {
    const credit = document('C1', { kind: 'VENDOR_CREDIT', due: null, open: '5.00' });
    await renderScreen(Owed, { answers: answers((kind) => (kind === 'BILL' ? page([credit]) : page([]))) });
    expect((await part('Owed by us')).getByText(/−.?5\.00/)).toBeVisible();
    expect((await part('Owed to us')).getByText(/connect QuickBooks Online/)).toBeVisible();
  });

  it('goes on to what is due later', async () => {
    await renderScreen(Owed, {
      answers: answers((kind, after) => (kind === 'INVOICE' ? (after ? page([document('1040')]) : page([document('1037')], [], 'next')) : page([]))),
    });
    await userEvent.click((await part('Owed to us')).getByRole('button', { name: 'Due later' }));
    expect(await (await part('Owed to us')).findByText('Café 1040')).toBeVisible();
  });
});
