import { screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { BUSINESS, renderScreen } from '@/testing/harness';
import { Currencies } from './currencies';

const business = { ...BUSINESS, currencies: ['EUR', 'GBP', 'USD'] };

describe('the currencies that figures can be told in', () => {
  it('are those of now where the present is looked at', async () => {
    const { asked } = await renderScreen(Currencies, { business });
    expect(await screen.findByRole('button', { name: 'USD alone' })).toBeVisible();
    expect(asked).toHaveLength(0);
  });

  it('are those that were known then where the past is', async () => {
    const answers = { CurrenciesKnown: () => ({ id: BUSINESS.id, currencies: ['EUR', 'GBP'] }) };
    const { asked } = await renderScreen(Currencies, { business, search: '?known=p7', answers });
    expect(await screen.findByRole('button', { name: 'EUR alone' })).toBeVisible();
    expect(screen.queryByRole('button', { name: 'USD alone' })).toBeNull();
    expect(asked[0]?.variables).toMatchObject({ asOf: { position: 7 } });
  });
});
