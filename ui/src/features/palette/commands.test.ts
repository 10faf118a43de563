import { describe, expect, it } from 'vitest';
import { resolvePeriod } from '@/shared/time/period';
import type { View } from '@/shared/view/view';
import { BUSINESS } from '@/testing/harness';
import { allCommands, filterCommands, typedCommands } from './commands';

const view: View = {
  business: BUSINESS, search: {}, period: resolvePeriod(undefined, BUSINESS), compare: 'SAME_PERIOD_LAST_YEAR', asOf: undefined, currency: 'GBP', asked: 'GBP', today: BUSINESS.today, standing: BUSINESS.today,
};
const all = allCommands({ view, screens: [{ to: '/b/$business/cash', name: 'Cash' }], businesses: [BUSINESS], categories: ['freight'] });

describe('the palette', () => {
  it('finds by all words, what begins so first', () => {
    expect(filterCommands(all, 'fre')[0]).toMatchObject({ label: 'Freight', action: { do: 'open', category: 'freight' } });
    expect(filterCommands(all, 'period last').map((one) => one.label)).toContain('Last month');
    expect(filterCommands(all, 'no such thing')).toEqual([]);
  });
  it('offers nothing that makes no difference', () => {
    expect(all.map((one) => one.label)).not.toContain('Back to now');
    expect(all.map((one) => one.note)).not.toContain('Business');
  });
  it('understands dates, months and positions', () => {
    expect(typedCommands('2026-09-30', view).map((one) => one.action)).toEqual([
      { do: 'known', token: '2026-09-30' },
      { do: 'period', token: '2026-09-30..2026-09-30' },
    ]);
    expect(typedCommands('2026-09', view)[0]?.action).toEqual({ do: 'period', token: '2026-09' });
    expect(typedCommands('1,083,977', view)[0]?.action).toEqual({ do: 'known', token: 'p1083977' });
    expect(typedCommands('rent', view)).toEqual([]);
  });
});
