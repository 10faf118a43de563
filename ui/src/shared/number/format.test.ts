import { describe, expect, it } from 'vitest';
import { currencyDecimals, formatDifference, formatFigure, formatFull, formatMoney, formatPercentWord, formatRunway, toneOf } from './format';

const locale = 'en-GB';

describe('money', () => {
  it('shows the currency’s own decimals and a true minus', () => {
    expect(formatMoney('-4310.00', 'GBP', { locale })).toBe('−4,310.00');
    expect(formatMoney('1234.5', 'JPY', { locale })).toBe('1,235');
    expect(formatMoney('1.2345', 'KWD', { locale })).toBe('1.235');
    expect(currencyDecimals('XXY')).toBe(2);
  });
  it('never loses a digit to a float', () => {
    expect(formatMoney('90071992547409931.27', 'EUR', { locale })).toBe('90,071,992,547,409,931.27');
    expect(formatFull('10666684.544', 'GBP', locale)).toBe('10,666,684.544 GBP');
    expect(formatFull('-918936.610', 'GBP', locale)).toBe('−918,936.61 GBP');
  });
  it('signs differences, but not zero', () => {
    expect(formatMoney('13400', 'GBP', { locale, style: 'whole', signed: true })).toBe('+13,400');
    expect(formatMoney('-0.00', 'GBP', { locale, signed: true })).toBe('0.00');
    expect(formatMoney('0.4', 'GBP', { locale, style: 'whole', signed: true })).toBe('0');
  });
  it('shortens for headlines only where it is large', () => {
    expect(formatMoney('182300', 'GBP', { locale, style: 'short' })).toBe('182k');
    expect(formatMoney('9999', 'GBP', { locale, style: 'short' })).toBe('9,999');
  });
  it('follows the reader’s locale', () => {
    expect(formatMoney('-1234567.5', 'EUR', { locale: 'de-DE' })).toBe('−1.234.567,50');
  });
});

describe('figures', () => {
  it('shows null as a dash, never as 0', () => {
    expect(formatFigure(null, 'RATIO', null)).toBe('–');
    expect(formatDifference(null, 'MONEY', 'GBP')).toBe('–');
  });
  it('shows ratios in percent and their differences in points', () => {
    expect(formatFigure('0.226', 'RATIO', null, { locale })).toBe('22.6%');
    expect(formatDifference('-0.028', 'RATIO', null, { locale })).toBe('−2.8 pt');
    expect(formatDifference('0.028', 'RATIO', null, { locale: 'de-DE' })).toBe('+2,8 pt');
  });
  it('speaks of whole percents from ten on', () => {
    expect(formatPercentWord('12.04', locale)).toBe('12%');
    expect(formatPercentWord('7.93', locale)).toBe('7.9%');
  });
  it('tells a long runway in years', () => {
    expect(formatRunway('8.2', locale)).toBe('8.2 months');
    expect(formatRunway('42', locale)).toBe('3.5 years');
    expect(formatRunway('9999', locale)).toBe('more than 50 years');
  });
});

describe('better or worse', () => {
  it('depends on the figure, and is neutral where nothing moved', () => {
    expect(toneOf('5', true)).toBe('good');
    expect(toneOf('5', false)).toBe('bad');
    expect(toneOf('-5', false)).toBe('good');
    expect(toneOf('5', null)).toBe('neutral');
    expect(toneOf('0.00', true)).toBe('neutral');
    expect(toneOf(null, true)).toBe('neutral');
  });
});
