import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { BUSINESS, refused, renderScreen } from '@/testing/harness';
import { KeptHistory } from './kept-history';

const archive = { position: 90, at: '2026-10-01T08:00:00Z', file: '3-71.audit.gz', events: 40, before: '2024-10-01T00:00:00Z', sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', bytes: 1807 };
const kept = (archives: (typeof archive)[]) => () => ({ id: BUSINESS.id, retention: { months: 24, least: 3, most: 240 }, archives });
const Owned = () => <KeptHistory owner />;
const Read = () => <KeptHistory owner={false} />;

describe('how long the history is kept', () => {
  it('is set in months that fit', async () => {
    const answers = { KeptHistory: kept([]), SetRetention: () => ({ setRetention: { id: BUSINESS.id, position: 9 } }) };
    const { asked } = await renderScreen(Owned, { answers });
    await userEvent.click(await screen.findByRole('button', { name: 'Change it…' }));
    const field = screen.getByLabelText('Months to keep');
    const go = screen.getByRole('button', { name: 'Keep so many' });
    for (const wrong of ['2', '241', 'two', '24']) {
      await userEvent.clear(field);
      await userEvent.type(field, wrong);
      expect(go).toBeDisabled();
    }
    await userEvent.clear(field);
    await userEvent.type(field, '84');
    await userEvent.click(go);
    await waitFor(() => expect(asked.find((one) => one.name === 'SetRetention')?.variables).toEqual({ business: BUSINESS.id, months: 84 }));
  });

  it('says why it is refused', async () => {
    await renderScreen(Owned, { answers: { KeptHistory: kept([]), SetRetention: () => refused('INVALID', 'A history is kept for 3 to 240 months.') } });
    await userEvent.click(await screen.findByRole('button', { name: 'Change it…' }));
    await userEvent.type(screen.getByLabelText('Months to keep'), '0');
    await userEvent.click(screen.getByRole('button', { name: 'Keep so many' }));
    expect(await screen.findByText('A history is kept for 3 to 240 months.')).toBeVisible();
  });

  it('offers what was archived to whoever reads the history, and the setting to owners alone', async () => {
    await renderScreen(Read, { answers: { KeptHistory: kept([archive]) } });
    const file = await screen.findByRole('link', { name: '3-71.audit.gz' });
    expect(file).toHaveAttribute('href', `/api/v1/businesses/${BUSINESS.id}/audit/archives/90`);
    expect(screen.getByText('e3b0c44298fc…')).toBeVisible();
    expect(screen.queryByRole('button')).toBeNull();
  });
});
