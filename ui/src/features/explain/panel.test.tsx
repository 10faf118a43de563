import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { useView } from '@/shared/view/view';
import { type Answers, BUSINESS, renderScreen } from '@/testing/harness';
import { ExplainPanel } from './panel';

const ACCOUNT = BUSINESS.accounts[0];
const LINE = '018f0000-0000-7000-8000-0000000000e1';
const line = (amount: string, cause = 'CORRECTED', position = 1083977) => ({
  id: LINE, day: '2026-10-22', booked: '2026-10-22', amount, currency: 'GBP', kind: 'EXPENSE', category: 'freight',
  description: 'Pallet carrier, invoice 88121', counterparty: 'Northern Freight', reference: null, account: ACCOUNT, cause, revisions: 2, note: null, parts: [],
  valueDate: null, pending: false, providerCategory: null, decision: { basis: 'DEFAULT', certainty: 10, reason: 'Money went out.', rule: null, reported: null },
  event: { position, type: 'account.synced.v1', recordedAt: '2026-10-22T13:03:22Z', hash: '9f2c41ab', line: 41, source: { id: 's', name: 'Bank feed', kind: 'plaid' }, batch: 'b' },
});

const answers: Answers = {
  Standings: () => ({ id: BUSINESS.id, standings: [] }),
  Explain: ({ category, asOf }) => ({
    id: BUSINESS.id,
    explain: {
      figure: { metric: 'EXPENSES', unit: 'MONEY', currency: 'GBP', value: category ? '18940.22' : asOf ? '141079.00' : '141100.00', reason: null },
      known: { position: 1084213, at: '2026-10-23T05:12:00Z' },
      period: { from: '2026-10-01', to: '2026-10-23' },
      formula: 'All expenses and taxes, less what was paid back.',
      parts: category
        ? []
        : [
            { key: 'payroll', label: 'payroll', kind: 'EXPENSE', category: 'payroll', account: null, value: '122159.78', count: 4 },
            { key: 'freight', label: 'freight', kind: 'EXPENSE', category: 'freight', account: null, value: '18940.22', count: 37 },
          ],
      originals: [], lacking: [], transactionCount: 41,
      history: [
        { known: { position: 1084213, at: '2026-10-23T05:12:00Z' }, value: '141100.00', cause: 'CORRECTED' },
        { known: { position: 1083900, at: '2026-10-22T05:12:00Z' }, value: '141080.00', cause: 'NEW' },
      ],
    },
  }),
  Transactions: () => ({
    id: BUSINESS.id,
    transactions: { nodes: [line('-4310.00')], pageInfo: { hasNextPage: false, endCursor: null }, known: { position: 1084213, at: null } },
  }),
  Beside: () => ({ id: BUSINESS.id, beside: { attachments: [], memo: null } }),
  Pays: () => ({ id: BUSINESS.id, transactionHistory: [], matches: { nodes: [] } }),
  Matches: ({ transaction }) => ({
    id: BUSINESS.id,
    matches: {
      proposed: 0, pageInfo: { hasNextPage: false, endCursor: null },
      nodes: [
        {
          id: 'm', relation: 'BOOK_ENTRY', state: 'APPLIED', certainty: 95, day: '2026-10-22', amount: '4310.00', currency: 'GBP', evidence: ['The same amount on the same day.'],
          legs: [
            { id: transaction, kind: null, category: null, account: ACCOUNT, transaction: { id: transaction, day: '2026-10-22', amount: '-4310.00', currency: 'GBP', description: 'Pallet carrier, invoice 88121', counterparty: null } },
            { id: 'other', kind: 'SETTLEMENT', category: 'book_entry', account: { id: 'books', name: 'Books' }, transaction: { id: 'other', day: '2026-10-22', amount: '-4310.00', currency: 'GBP', description: 'Carrier, as entered', counterparty: null } },
          ],
        },
      ],
    },
  }),
  History: () => ({
    id: BUSINESS.id,
    transactionHistory: [
      {
        transaction: line('-4290.00', 'NEW', 1083900), validFrom: 1083900, validTo: 1083977, removed: false,
        payloads: [{ hash: '5eal', bytes: 48_211, sha256: 'c0ffee' }], takenBack: [],
      },
      { transaction: line('-4310.00'), validFrom: 1083977, validTo: null, removed: false, payloads: [], takenBack: [] },
    ],
  }),
};

function Page() {
  const { search } = useView();
  return search.open || search.tx ? <ExplainPanel /> : <p>closed</p>;
}

const open = (search: string) => renderScreen(Page, { search, answers });

describe('the explain panel', () => {
  it('shows the value, its formula, its parts and the position it is as of', async () => {
    await open('?open=EXPENSES');
    expect(await screen.findByRole('heading', { name: /Expenses, / })).toBeVisible();
    expect(screen.getAllByText('141,100.00')[0]).toBeVisible();
    expect(screen.getByText(/as of position 1,084,213/)).toBeVisible();
    expect(screen.getByText('All expenses and taxes, less what was paid back.')).toBeVisible();
    expect(screen.getByText('122,159.78')).toBeVisible();
  });

  it('asks for the figure’s own lines, largest first', async () => {
    const { asked } = await open('?open=EXPENSES');
    await screen.findByText('Pallet carrier, invoice 88121');
    expect(asked.find((one) => one.name === 'Transactions')?.variables).toMatchObject({
      kinds: ['EXPENSE', 'TAX'], order: 'AMOUNT', period: { from: '2026-10-01', to: '2026-10-23' }, currency: 'GBP',
    });
  });

  it('narrows to a part, and Back restores the figure', async () => {
    const { router, href } = await open('?open=EXPENSES');
    await userEvent.click(await screen.findByRole('button', { name: 'Freight' }));
    expect(await screen.findByText('18,940.22')).toBeVisible();
    expect(href()).toBe('?open=EXPENSES&category=freight');
    await act(async () => router.history.back());
    await waitFor(() => expect(href()).toBe('?open=EXPENSES'));
    expect(await screen.findByText('122,159.78')).toBeVisible();
  });

  it('opens a line down to its event and its revisions', async () => {
    const { href } = await open('?open=EXPENSES&category=freight');
    const row = await screen.findByRole('button', { name: /Pallet carrier/ });
    await userEvent.click(row);
    expect(href()).toContain(`tx=${LINE}`);
    const detail = within((await screen.findByText('Event')).closest('dl') as HTMLElement);
    expect(detail.getByText(/account\.synced\.v1, position 1,083,977, line 41/)).toBeVisible();
    expect(detail.getByText(/14:03:22.*from Bank feed/)).toBeVisible();
    expect(detail.getByText('9f2c41ab')).toBeVisible();
    expect(await detail.findByText(/−4,290\.00 → −4,310\.00/)).toBeVisible();
    expect(detail.getByRole('link', { name: /account\.synced\.v1/ })).toHaveAttribute('href', `/b/${BUSINESS.id}?open=EXPENSES&category=freight&tx=${LINE}&event=1083977`);
    const told = detail.getAllByRole('link', { name: 'as Bank feed told it' });
    expect(told).toHaveLength(1);
    expect(told[0]).toHaveAttribute('href', `/api/v1/businesses/${BUSINESS.id}/payloads/5eal`);
    expect(told[0]?.parentElement).toHaveTextContent(/as Bank feed told it \(48 kB\)/);
    await userEvent.click(detail.getByRole('link', { name: 'position 1,083,900' }));
    await waitFor(() => expect(href()).toContain('event=1083900'));
  });

  it('says which event took a line back, and opens the answer that did', async () => {
    const gone = {
      transaction: line('-4310.00', 'NEW', 1083900), validFrom: 1083900, validTo: 1083990, removed: true,
      payloads: [], takenBack: [{ hash: '60ne', bytes: 912, sha256: null }],
    };
    await renderScreen(Page, { search: `?tx=${LINE}`, answers: { ...answers, History: () => ({ id: BUSINESS.id, transactionHistory: [gone] }) } });
    const detail = within((await screen.findByText('Taken back')).nextElementSibling as HTMLElement);
    expect(detail.getByRole('link', { name: 'by its source, position 1,083,990' })).toBeVisible();
    expect(detail.getByRole('link', { name: 'as Bank feed told it' })).toHaveAttribute('href', `/api/v1/businesses/${BUSINESS.id}/payloads/60ne`);
  });

  it('says what its source says of a line: that it is pending, its value date and the source’s own word', async () => {
    const pending = { ...line('-4310.00'), pending: true, valueDate: '2026-10-26', providerCategory: 'TRANSPORTATION_OTHER' };
    const booked = { ...line('-4310.00'), valueDate: '2026-10-26' };
    const history = [
      { transaction: pending, validFrom: 1083900, validTo: 1083977, removed: false, payloads: [], takenBack: [] },
      { transaction: booked, validFrom: 1083977, validTo: null, removed: false, payloads: [], takenBack: [] },
    ];
    const known = { position: 1084213, at: null };
    const Transactions: Answers[string] = () => ({
      id: BUSINESS.id, transactions: { nodes: [pending], pageInfo: { hasNextPage: false, endCursor: null }, known },
    });
    await renderScreen(Page, { search: '?open=EXPENSES&category=freight', answers: { ...answers, Transactions, History: () => ({ id: BUSINESS.id, transactionHistory: history }) } });
    const row = await screen.findByRole('button', { name: /Pallet carrier/ });
    await userEvent.click(row);
    const detail = within((await screen.findByText('Event')).closest('dl') as HTMLElement);
    expect(detail.getByText('Pending since')).toBeVisible();
    expect(detail.getByText('Value date').nextElementSibling).toHaveTextContent(/26 October 2026|October 26, 2026/);
    expect(detail.getByText('TRANSPORTATION_OTHER')).toBeVisible();
    expect(await detail.findByText(/: booked$/)).toBeVisible();
  });

  it('shows what else tells of a line’s money, and leads there', async () => {
    const { asked, href } = await open(`?tx=${LINE}`);
    const elsewhere = within(await screen.findByRole('region', { name: 'The same money elsewhere' }));
    expect(asked.find((one) => one.name === 'Matches')?.variables).toMatchObject({ transaction: LINE });
    await userEvent.click(elsewhere.getByText('Payment and its entry in the books'));
    const chain = within(elsewhere.getByRole('list', { name: 'The same money' }));
    expect(chain.getAllByRole('listitem')).toHaveLength(2);
    await userEvent.click(chain.getByRole('button', { name: 'Carrier, as entered' }));
    expect(href()).toContain('tx=other');
  });

  it('tells which bill it pays, by its entry in the books, and what is still open', async () => {
    const document = {
      id: 'b', kind: 'BILL', number: '88121', counterparty: 'Pallet carrier', day: '2026-09-01', due: '2026-10-01', open: '20.00', currency: 'GBP', overdue: true,
    };
    const books = { id: 'other', transaction: { id: 'other', settles: [{ amount: '4310.00', document }, { amount: '5.00', document: null }] } };
    const Pays: Answers[string] = () => ({
      id: BUSINESS.id, transactionHistory: [{ transaction: { id: LINE, settles: [] } }], matches: { nodes: [{ id: 'm', legs: [{ id: LINE, transaction: null }, books] }] },
    });
    await renderScreen(Page, { search: `?tx=${LINE}`, answers: { ...answers, Pays } });
    const paid = within(await screen.findByRole('list', { name: 'What it pays' })).getAllByRole('listitem');
    expect(paid).toHaveLength(2);
    expect(paid[0]).toHaveTextContent(/Bill 88121 of .*2026, Pallet carrier: 4,310\.00 GBP · 20\.00 GBP still open, due .*2026 overdue/);
    expect(paid[1]).toHaveTextContent(/5\.00 GBP of something older/);
  });

  it('opens a payout to what its provider says is in it, and says what is not known of it', async () => {
    const payout = '018f0000-0000-7000-8000-0000000000f1';
    const sum = { payout, from: '2026-10-19', to: '2026-10-20', count: 12, gross: '4500.00', fees: '-240.00', difference: '50.00' };
    const match = {
      id: 'm', relation: 'PAYOUT', state: 'APPLIED', certainty: 99, day: '2026-10-22', amount: '4310.00', currency: 'GBP', sum,
      evidence: ['The provider says which 25 transactions are in it.'], legs: [],
    };
    const Matches: Answers[string] = () => ({
      id: BUSINESS.id, matches: { proposed: 0, pageInfo: { hasNextPage: false, endCursor: null }, nodes: [match] },
    });
    await renderScreen(Page, { search: `?tx=${LINE}`, answers: { ...answers, Matches } });
    const elsewhere = within(await screen.findByRole('region', { name: 'The same money elsewhere' }));
    await userEvent.click(elsewhere.getByText('Payout of the processor'));
    const parts = elsewhere.getByRole('link', { name: /^12 transactions of £?4,500\.00, fees/ });
    expect(parts).toHaveAttribute('href', expect.stringContaining(`inpayout=${payout}`));
    expect(parts).toHaveAttribute('href', expect.stringContaining('period=2026-10-19..2026-10-20'));
    expect(elsewhere.getByText(/50\.00 of it is not known here/)).toBeVisible();
  });

  it('opens the page as it was known before', async () => {
    const { href } = await open('?open=EXPENSES');
    await userEvent.click(await screen.findByRole('button', { name: /22 Oct 2026|Oct 22, 2026/ }));
    expect(href()).toContain('known=p1083900');
  });

  it('restores an open transaction from the URL alone', async () => {
    await open(`?tx=${LINE}`);
    expect(await screen.findByRole('heading', { name: 'Pallet carrier, invoice 88121' })).toBeVisible();
    expect(screen.getAllByText('−4,310.00')[0]).toBeVisible();
  });

  it('closes with Esc', async () => {
    const { href } = await open('?open=EXPENSES&category=freight');
    await screen.findByText('18,940.22');
    await userEvent.keyboard('{Escape}');
    expect(await screen.findByText('closed')).toBeVisible();
    expect(href()).toBe('');
  });
});
