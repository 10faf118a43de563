import { screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { BUSINESS, renderScreen } from '@/testing/harness';
import { ClosedMonths } from './closed-months';

const since = [{ currency: 'GBP', kind: 'EXPENSE' }];
const answers = (months: unknown[]) => ({ ClosedMonths: () => ({ id: BUSINESS.id, months }) });

describe('closed months on the first screen', () => {
  it('are named where something came for them since', async () => {
    const months = [
      { month: '2026-10', state: 'OPEN', differences: [] },
      { month: '2026-09', state: 'CLOSED', differences: [] },
      { month: '2026-08', state: 'CLOSED', differences: since },
    ];
    await renderScreen(ClosedMonths, { answers: answers(months) });
    expect(await screen.findByRole('note', { name: 'Closed months' })).toHaveTextContent('August 2026 is otherwise since it was closed.');
    expect(screen.getByRole('link', { name: 'August 2026' })).toHaveAttribute('href', expect.stringContaining('/reports?month=2026-08'));
  });

  it('are counted where they are many', async () => {
    const months = ['2026-09', '2026-08', '2026-07', '2026-06'].map((month) => ({ month, state: 'CLOSED', differences: since }));
    await renderScreen(ClosedMonths, { answers: answers(months) });
    expect(await screen.findByRole('note')).toHaveTextContent('September 2026, August 2026 and 2 more are otherwise since they were closed.');
  });

  it('are not spoken of where they are as they were, nor in the past', async () => {
    const { asked } = await renderScreen(ClosedMonths, { answers: answers([{ month: '2026-08', state: 'CLOSED', differences: [] }]) });
    await waitFor(() => expect(asked).toHaveLength(1));
    expect(screen.queryByRole('note')).toBeNull();
  });
});
