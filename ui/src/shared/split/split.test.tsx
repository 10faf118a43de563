import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { type Answers, BUSINESS, refused, renderScreen } from '@/testing/harness';
import type { Part } from './drafts';
import { SplitLine } from './split';

const PARTS: Part[] = [
  { amount: '-80.00', kind: 'EXPENSE', category: 'office_supplies', note: 'Paper' },
  { amount: '-40.00', kind: 'FINANCING', category: 'owner_drawing', note: null },
];
const line = (parts: Part[] = []) =>
  ({
    id: '018f0000-0000-7000-8000-0000000000e1', amount: '-120.00', currency: 'GBP', kind: 'EXPENSE', category: 'expense', parts,
    account: { id: BUSINESS.accounts[0]?.id ?? '', name: 'Current account' },
    valueDate: null,
    pending: false,
    providerCategory: null,
    decision: { basis: 'DEFAULT', certainty: 10, reason: '', rule: null, reported: null },
  }) as never;
const tree = [
  { key: 'office', label: 'Office', parent: null, kind: 'EXPENSE', usual: true },
  { key: 'office_supplies', label: 'Office supplies', parent: 'office', kind: 'EXPENSE', usual: true },
  { key: 'financing', label: 'Financing', parent: null, kind: 'FINANCING', usual: true },
  { key: 'owner_drawing', label: 'Owner’s drawing', parent: 'financing', kind: 'FINANCING', usual: true },
];
const answers: Answers = {
  CategoryTree: () => ({ id: BUSINESS.id, categories: tree }),
  BusinessNow: () => BUSINESS,
  SplitTransaction: () => ({ splitTransaction: { position: 7 } }),
  UnsplitTransaction: () => ({ unsplitTransaction: { position: 8 } }),
};

const show = (of: never, { role = BUSINESS.viewerRole, told = answers, search = '', history = undefined as never } = {}) =>
  renderScreen(() => <SplitLine line={of} history={history} onChanged={() => undefined} />, { answers: told, search, business: { ...BUSINESS, viewerRole: role } });

const part = (number: number) => within(screen.getByRole('group', { name: `Part ${number}` }));

describe('splitting a transaction', () => {
  it('is saved once the parts are the whole, and undone', async () => {
    const { asked } = await show(line());
    await userEvent.click(await screen.findByRole('button', { name: 'Split' }));
    await screen.findAllByRole('option', { name: 'Office supplies' });
    expect(part(1).getByLabelText('Amount')).toHaveFocus();
    await userEvent.keyboard('80,00');
    await userEvent.selectOptions(part(1).getByLabelText('Category of part 1'), 'office_supplies');
    await userEvent.selectOptions(part(2).getByLabelText('Category of part 2'), 'owner_drawing');
    expect(screen.getByText('40.00 GBP left to share out')).toBeVisible();
    expect(screen.getByRole('button', { name: 'Save the split' })).toBeDisabled();
    await userEvent.type(part(2).getByLabelText('Amount'), '50');
    expect(screen.getByText('10.00 GBP more than the transaction')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Put the rest in part 2' }));
    expect(part(2).getByLabelText('Amount')).toHaveValue('40.00');
    await userEvent.type(part(1).getByLabelText('Note on part 1'), 'Paper');
    await userEvent.click(screen.getByRole('button', { name: 'Save the split' }));
    await waitFor(() => expect(screen.getByRole('button', { name: 'Split' })).toHaveFocus());
    await userEvent.click(await screen.findByRole('button', { name: 'Undo' }));
    await waitFor(() => expect(asked.some((one) => one.name === 'UnsplitTransaction')).toBe(true));
    expect(asked.find((one) => one.name === 'SplitTransaction')?.variables['parts']).toEqual(PARTS);
  });

  it('shows the parts, and takes them back with the way to them again', async () => {
    const { asked } = await show(line(PARTS));
    expect(within(await screen.findByRole('list', { name: 'Split in 2' })).getByText('Paper')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Take the split back' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Undo' }));
    await waitFor(() => expect(asked.find((one) => one.name === 'SplitTransaction')?.variables['parts']).toEqual(PARTS));
  });

  it('says why the server refuses', async () => {
    await show(line(PARTS), {
      told: {
        ...answers,
        UnsplitTransaction: () => {
          throw refused('UNAVAILABLE', 'Not just now.');
        },
      },
    });
    await userEvent.click(await screen.findByRole('button', { name: 'Take the split back' }));
    expect(await screen.findByText(/Not just now/)).toBeVisible();
  });

  it('says that another amount ended a split', async () => {
    const revision = (amount: string, parts: Part[], cause: string) => ({ transaction: { amount, parts, cause } });
    const history = [revision('-118.00', PARTS, 'RECATEGORISED'), revision('-120.00', [], 'CORRECTED')] as never;
    await show(line(), { history });
    expect(await screen.findByText(/^It was split in 2. Its source changed the amount from −118.00 GBP to −120.00 GBP/)).toBeVisible();
  });

  it('shows a viewer the parts and offers nothing', async () => {
    await show(line(PARTS), { role: 'VIEWER' });
    expect(await screen.findByText('Paper')).toBeVisible();
    expect(screen.queryByRole('button')).toBeNull();
  });
});
