import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { type Answers, BUSINESS, renderScreen } from '@/testing/harness';
import { Recurring } from './recurring';

const series = (id: string, payee: string, more: Record<string, unknown> = {}) => ({
  id, payee, currency: 'GBP', category: 'rent', period: 'MONTHLY', onLastWorkingDay: false, typical: '-900.00', smallest: '-900.00', largest: '-900.00',
  count: 12, last: '2026-10-01', next: '2026-11-01', missedSince: null, missed: 0, certainty: 98, ruledOut: false, account: BUSINESS.accounts[0],
  ...more,
});

function answers(): Answers {
  const ruledOut = new Set<unknown>();
  return {
    Recurring: () => ({
      id: BUSINESS.id,
      recurring: [
        series('a', 'Dockside Estates', { ruledOut: ruledOut.has('a') }),
        series('b', 'Northern Light', { smallest: '-80.00', largest: '-120.00', missedSince: '2026-10-12', missed: 1 }),
        series('c', 'Bo’s Café', { typical: '400.00', smallest: '400.00', largest: '400.00', period: 'WEEKLY' }),
      ],
    }),
    RecurringEvidence: ({ id }) => ({ id: BUSINESS.id, recurring: [{ id, evidence: [{ id: 't1', day: '2026-10-01', amount: '-900.00', currency: 'GBP' }] }] }),
    RuleOutRecurring: ({ series: id, out }) => {
      if (out) ruledOut.add(id);
      else ruledOut.delete(id);
      return { ruleOutRecurring: { position: 7 } };
    },
  };
}

const part = async (name: string) => within(await screen.findByRole('region', { name }));

describe('recurring payments', () => {
  it('tells first what did not come, then what goes out and comes in', async () => {
    await renderScreen(Recurring, { answers: answers() });
    expect((await part('Did not come')).getByText('Northern Light')).toBeVisible();
    expect((await part('Did not come')).getByText('−80.00 to −120.00')).toBeVisible();
    expect((await part('Money out')).getByText(/every month/)).toBeVisible();
    expect((await part('Money in')).getByText(/every week/)).toBeVisible();
  });

  it('opens to the payments it was found from', async () => {
    const { href } = await renderScreen(Recurring, { answers: answers() });
    await userEvent.click((await part('Money out')).getByText('Dockside Estates'));
    const payments = within(await screen.findByRole('list', { name: 'Payments of Dockside Estates' }));
    await userEvent.click(payments.getByRole('button'));
    expect(href()).toContain('tx=t1');
  });

  it('lets somebody say that it is none, and take that back', async () => {
    await renderScreen(Recurring, { answers: answers() });
    await userEvent.click((await part('Money out')).getByText('Dockside Estates'));
    await userEvent.click((await part('Money out')).getByRole('button', { name: 'Not recurring' }));
    expect((await part('Not recurring, as you said')).getByText('Dockside Estates')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Undo' }));
    expect((await part('Money out')).getByText('Dockside Estates')).toBeVisible();
  });

  it('offers a viewer nothing to change', async () => {
    await renderScreen(Recurring, { answers: answers(), business: { ...BUSINESS, viewerRole: 'VIEWER' } });
    await userEvent.click((await part('Money out')).getByText('Dockside Estates'));
    expect(screen.queryByRole('button', { name: 'Not recurring' })).toBeNull();
  });
});
