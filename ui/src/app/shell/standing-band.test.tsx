import { screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { BUSINESS, renderScreen } from '@/testing/harness';
import { StandingBand } from './standing-band';

describe('a business that stands still', () => {
  it('says since when, that nothing is lost, and why', async () => {
    const standsStill = { since: '2026-10-23T09:14:00Z', reason: 'The event at position 41 (account.synced.v1) cannot be taken in.' };
    await renderScreen(StandingBand, { business: { ...BUSINESS, standsStill } });
    const band = await screen.findByText(/stand still since/);
    expect(band).toHaveAttribute('role', 'status');
    expect(band).toHaveTextContent(/since .*10:14.*Nothing is lost.*position 41/);
  });

  it('is not there while its figures go on', async () => {
    await renderScreen(StandingBand);
    expect(screen.queryByText(/stand still/)).toBeNull();
  });
});
