import { screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { BUSINESS, renderScreen } from '@/testing/harness';
import { CompleteLine } from './complete-line';
import { sayCompleteness, type Standing } from './words';

const whole: Standing = { account: BUSINESS.accounts[0]?.id ?? '', source: '018f0000-0000-7000-8000-0000000000c1', completeTo: '2026-10-23', isComplete: true, gaps: 0, refused: 0, differsFrom: null, isComing: false };
const lacking = { ...whole, isComplete: false };

describe('what is said of completeness', () => {
  it('counts the accounts of which somebody says to which day they reach', () => {
    const silent = { ...lacking, completeTo: null };
    const earlier = { ...whole, completeTo: '2026-10-20' };
    expect(sayCompleteness([whole, earlier, silent])?.text).toBe('2 of 2 accounts complete to October 20, 2026, the newest to October 23, 2026');
    expect(sayCompleteness([whole, whole])?.text).toBe('2 of 2 accounts complete to October 23, 2026');
    expect(sayCompleteness([silent])).toBeUndefined();
    expect(sayCompleteness([{ ...lacking, gaps: 2 }])).toMatchObject({ text: '0 of 1 account complete', lacking: [{ trouble: 'lacks days in 2 places' }] });
    expect(sayCompleteness([{ ...lacking, refused: 1 }])?.lacking[0]?.trouble).toBe('lacks 1 refused line');
    expect(sayCompleteness([{ ...lacking, completeTo: null, isComing: true }])?.lacking[0]?.trouble).toBe('is still being read');
  });

  it('names an account that differs, and leads to its statement', async () => {
    const standings = [whole, { ...lacking, differsFrom: '2026-10-03' }];
    await renderScreen(CompleteLine, { answers: { Standings: () => ({ id: BUSINESS.id, standings }) } });
    const line = await screen.findByRole('note', { name: 'Completeness' });
    expect(line).toHaveTextContent('1 of 2 accounts complete to October 23, 2026; Current account differs from October 3, 2026 on.');
    expect(screen.getByRole('link', { name: 'Current account' })).toHaveAttribute('href', expect.stringContaining(`/sources?source=${whole.source}`));
  });

  it('says nothing of the past', async () => {
    const { asked } = await renderScreen(CompleteLine, { search: '?known=p7' });
    expect(asked).toHaveLength(0);
    expect(screen.queryByRole('note')).toBeNull();
  });
});
