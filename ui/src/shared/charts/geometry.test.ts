import { describe, expect, it } from 'vitest';
import { differences, waterfall } from './geometry';

describe('waterfall', () => {
  it('walks from start to end on one scale from zero', () => {
    const { start, steps, end, zero } = waterfall('60', [{ key: 'NEW', value: '40' }, { key: 'LATE', value: '-20' }], '80');
    expect(zero).toBe(0);
    expect(start).toEqual({ left: 0, width: 0.6 });
    expect(steps[0]).toMatchObject({ left: 0.6, width: 0.4, to: '100' });
    expect(steps[1]).toMatchObject({ left: 0.8, width: 0.2, to: '80' });
    expect(end).toEqual({ left: 0, width: 0.8 });
  });
  it('crosses zero', () => {
    const { start, steps, end, zero } = waterfall('-50', [{ key: 'NEW', value: '150' }], '100');
    expect(zero).toBeCloseTo(1 / 3);
    expect(start).toEqual({ left: 0, width: 1 / 3 });
    expect(steps[0]).toMatchObject({ left: 0, width: 1 });
    expect(end.left).toBeCloseTo(1 / 3);
  });
  it('adds exactly, so that the last step ends at the end', () => {
    const { steps } = waterfall('0.1', [{ key: 'NEW', value: '0.2' }, { key: 'LATE', value: '0.01' }], '0.31');
    expect(steps.at(-1)?.to).toBe('0.31');
  });
  it('has no width where nothing is', () => {
    expect(waterfall('0', [], '0')).toMatchObject({ start: { left: 0, width: 0 }, end: { width: 0 } });
  });
});

describe('differences', () => {
  it('share one zero line', () => {
    const { zero, spans } = differences(['13400', '-1700', null]);
    expect(zero).toBeCloseTo(1700 / 15100);
    expect(spans[0]?.left).toBeCloseTo(zero);
    expect(spans[1]).toMatchObject({ left: 0 });
    expect(spans[2]).toBeNull();
  });
});
