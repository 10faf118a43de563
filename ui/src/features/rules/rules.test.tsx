import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { RuleInput } from '@/shared/graphql/generated';
import { BUSINESS, renderScreen } from '@/testing/harness';
import { draftOf, EMPTY, faultOf, listWith, ruleOf, whenWords } from './draft';
import { Rules } from './rules';

const when = { text: ['pallet'], account: null, sign: 'OUT' as const, minAmount: '100.00', maxAmount: null, currency: null, reported: null };
const FREIGHT = { id: 'r1', when, then: { kind: 'EXPENSE' as const, category: 'freight' } };
const RENT = { id: 'r2', when: { ...when, text: ['landlord'], sign: null, minAmount: null }, then: { kind: 'EXPENSE' as const, category: 'office_rent' } };
const transaction = { id: 't1', day: '2026-10-09', amount: '-310.50', currency: 'GBP', kind: 'EXPENSE', category: 'other', description: 'Pallet carrier', counterparty: null, account: { id: 'a', name: 'Current account' } };
const preview = (rules: RuleInput[]) => ({
  complete: false, lookedAt: 50_000, from: '2026-01-01', changed: rules.length === 3 ? 1 : 0,
  transactions: rules.length === 3 ? [{ transaction, to: { kind: 'EXPENSE', category: 'freight' } }] : [],
  figures: rules.length === 3 ? [{ month: '2026-10-01', currency: 'GBP', kind: 'EXPENSE', category: 'freight', amount: '-310.50', count: 1 }] : [],
});
const receipt = { id: 'r3', position: 9 };
const answers = {
  Rules: () => ({ id: BUSINESS.id, meaningSettled: true, rules: [FREIGHT, RENT] }),
  CategoryTree: () => ({ id: BUSINESS.id, categories: [{ key: 'goods', label: 'Goods', parent: null, kind: 'EXPENSE', usual: true }, { key: 'freight', label: 'Freight', parent: 'goods', kind: 'EXPENSE', usual: true }] }),
  RulePreview: (variables: Record<string, unknown>) => ({ id: BUSINESS.id, rulePreview: preview(variables['rules'] as RuleInput[]) }),
  SetRule: () => ({ setRule: receipt }),
  DeleteRule: () => ({ deleteRule: receipt }),
  OrderRules: () => ({ orderRules: receipt }),
};

describe('rules', () => {
  it('show what one would change before it is kept', async () => {
    const { asked } = await renderScreen(Rules, { answers, search: '?q=Pallet carrier' });
    expect(await screen.findByLabelText('Contains')).toHaveValue('Pallet carrier');
    await waitFor(() => expect(screen.getByRole('option', { name: 'Freight' })).toBeInTheDocument());
    await userEvent.selectOptions(screen.getByLabelText('Category'), 'freight');
    const lines = await screen.findByRole('list', { name: 'Transactions that would change' });
    expect(within(lines).getByText('Other → Freight')).toBeVisible();
    expect(screen.getByText(/of 50,000 looked at, those since January 1, 2026/)).toBeVisible();
    expect(asked.some((one) => one.name === 'SetRule')).toBe(false);
    await userEvent.click(screen.getByRole('button', { name: 'Save: Freight' }));
    await waitFor(() => expect(asked.find((one) => one.name === 'SetRule')?.variables['rule']).toMatchObject({ id: null, category: 'freight', kind: 'EXPENSE', when: { text: ['Pallet carrier'] } }));
  });

  it('are asked in an order that is changed at once', async () => {
    const { asked } = await renderScreen(Rules, { answers });
    await userEvent.click(await screen.findByRole('button', { name: /^Ask earlier: “landlord”/ }));
    await waitFor(() => expect(asked.find((one) => one.name === 'OrderRules')?.variables['ids']).toEqual(['r2', 'r1']));
  });

  it('go only after what that would change was shown, and come back where they stood', async () => {
    const { asked } = await renderScreen(Rules, { answers });
    await userEvent.click(await screen.findByRole('button', { name: /^Remove: “pallet”/ }));
    expect(await screen.findByText('Nothing would change')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Remove the rule' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Undo' }));
    await waitFor(() => expect(asked.find((one) => one.name === 'SetRule')?.variables).toMatchObject({ before: 'r2', rule: { id: null, when } }));
  });

  it('are only read by who may not change them', async () => {
    await renderScreen(Rules, { answers, business: { ...BUSINESS, viewerRole: 'AUDITOR' } });
    expect(await screen.findByText('“pallet” and money out of 100.00 or more')).toBeVisible();
    expect(screen.queryByRole('button')).toBeNull();
  });
});

describe('a rule as it is edited', () => {
  it('says what is missing or wrong', () => {
    expect(faultOf(EMPTY)).toMatch(/at least one thing/);
    expect(faultOf({ ...EMPTY, text: 'a' })).toMatch(/two letters/);
    expect(faultOf({ ...EMPTY, min: '-3' })).toMatch(/without a sign/);
    expect(faultOf({ ...EMPTY, text: 'rent', min: '3,50' })).toBeUndefined();
  });

  it('stands in the whole list where it is, or last where it is new', () => {
    const changed = ruleOf({ ...draftOf(FREIGHT), text: 'pallet\ncarrier', max: '5,5' }, 'EXPENSE');
    expect(changed.when).toMatchObject({ text: ['pallet', 'carrier'], maxAmount: '5.5' });
    expect(listWith([FREIGHT, RENT], changed).map((rule) => rule.id)).toEqual(['r1', 'r2']);
    expect(listWith([FREIGHT], { ...changed, id: null })).toHaveLength(2);
    expect(listWith([FREIGHT, RENT], null, 'r1').map((rule) => rule.id)).toEqual(['r2']);
  });

  it('reads as a sentence', () => {
    expect(whenWords({ ...when, text: [], account: 'a', maxAmount: '200' }, [{ id: 'a', name: 'Savings', currency: 'JPY' }], 'GBP')).toBe('money out of 100 or more and 200 or less, in Savings');
  });
});
