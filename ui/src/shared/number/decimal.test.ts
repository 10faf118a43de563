import { describe, expect, it } from 'vitest';
import { add, compare, negate, percentOf, subtract, sum } from './decimal';

describe('exact decimals', () => {
  it('adds what binary floats cannot', () => {
    expect(add('0.1', '0.2')).toBe('0.3');
    expect(sum(Array.from({ length: 1000 }, () => '0.001'))).toBe('1.000');
    expect(add('9007199254740993', '0.01')).toBe('9007199254740993.01');
  });
  it('keeps signs and scales', () => {
    expect(subtract('1.50', '2')).toBe('-0.50');
    expect(negate('-4310.00')).toBe('4310.00');
    expect(add('-0.05', '0.05')).toBe('0.00');
    expect(compare('-0.10', '-0.1')).toBe(0);
    expect(compare('10', '9.99')).toBe(1);
  });
  it('refuses what is no decimal', () => {
    expect(() => add('1e5', '1')).toThrow(RangeError);
    expect(() => add('', '1')).toThrow(RangeError);
    expect(() => add('1,5', '1')).toThrow(RangeError);
  });
  it('makes percentages of the absolute value, half away from zero', () => {
    expect(percentOf('182300', '168900')).toBe('7.9');
    expect(percentOf('-50', '-100')).toBe('50.0');
    expect(percentOf('100.05', '100')).toBe('0.1');
    expect(percentOf('99.95', '100')).toBe('-0.1');
    expect(percentOf('5', '0.00')).toBeNull();
  });
});
