import { describe, expect, it } from 'vitest';
import { dayIn, formatAgo, formatMoment, momentFromLocal } from './moment';
import { resolveSince } from './since';
import { parseAsOf } from '@/shared/view/search';

describe('moments', () => {
  it('are entered in the business’s zone, on both sides of a clock change', () => {
    expect(momentFromLocal('2026-09-30T18:00', 'Europe/London')).toBe('2026-09-30T17:00:00Z');
    expect(momentFromLocal('2026-12-01T18:00', 'Europe/London')).toBe('2026-12-01T18:00:00Z');
    expect(momentFromLocal('2026-03-29T03:30', 'Europe/Prague')).toBe('2026-03-29T01:30:00Z');
    expect(momentFromLocal('nonsense', 'UTC')).toBeNull();
  });
  it('fall on the business’s day', () => {
    expect(dayIn('2026-10-22T23:30:00Z', 'Europe/Prague')).toBe('2026-10-23');
    expect(dayIn('2026-10-23T01:00:00Z', 'America/New_York')).toBe('2026-10-22');
  });
  it('are shown in it', () => {
    expect(formatMoment('2026-10-22T13:03:22Z', 'Europe/London', { seconds: true, locale: 'en-GB' })).toBe('22 Oct 2026, 14:03:22');
  });
  it('are so long ago', () => {
    expect([-5, 3_000, 59_000, 240_000, 7_200_000, 259_200_000].map(formatAgo)).toEqual(['0 s ago', '3 s ago', '59 s ago', '4 min ago', '2 h ago', '3 days ago']);
  });
});

describe('since', () => {
  const since = (token: string | undefined, batch?: number) => resolveSince(token, '2026-10-23', batch, 'UTC', parseAsOf);
  it('is the state of knowledge at the end of the day before', () => {
    expect(since(undefined).asOf).toEqual({ date: '2026-10-22' });
    expect(since('yesterday').asOf).toEqual({ date: '2026-10-21' });
    expect(since('week').asOf).toEqual({ date: '2026-10-16' });
  });
  it('is right before the last batch, or today without one', () => {
    expect(since('batch', 120).asOf).toEqual({ position: 119 });
    expect(since('batch').asOf).toEqual({ date: '2026-10-22' });
  });
  it('is any day or position', () => {
    expect(since('2026-09-30').asOf).toEqual({ date: '2026-09-30' });
    expect(since('p17').asOf).toEqual({ position: 17 });
  });
});
