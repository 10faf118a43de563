/** Figures in words of the reader's locale: exact decimal strings in, text with a true minus out. */
import type { Unit } from '@/shared/graphql/generated';
import { absolute, compare, isNegative, isZero } from './decimal';

export const MINUS = '−';
export const DASH = '–';

export type Style = 'exact' | 'whole' | 'short';
export interface FormatOptions {
  style?: Style;
  /** Show a plus before gains, as differences do. */
  signed?: boolean;
  locale?: string | undefined;
}

const formatters = new Map<string, Intl.NumberFormat>();

function formatter(locale: string | undefined, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${locale ?? ''}${JSON.stringify(options)}`;
  let found = formatters.get(key);
  if (!found) {
    found = new Intl.NumberFormat(locale, options);
    formatters.set(key, found);
  }
  return found;
}

/** `Intl` takes decimal strings without loss; only its type wants to be told. */
function print(format: Intl.NumberFormat, value: string): string {
  return format.format(value as Intl.StringNumericLiteral).replace(/-/g, MINUS);
}

const decimalsOf = new Map<string, number>();

/** Minor digits of a currency, e.g. 2 for GBP and 0 for JPY. */
export function currencyDecimals(currency: string): number {
  let digits = decimalsOf.get(currency);
  if (digits === undefined) {
    try {
      digits = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions()
        .maximumFractionDigits;
    } catch {
      digits = 2;
    }
    decimalsOf.set(currency, digits ?? 2);
  }
  return digits ?? 2;
}

const signDisplay = (signed?: boolean) => (signed ? 'exceptZero' : 'negative') as 'exceptZero';

/** An amount without its currency code. `short` is for headlines and chart labels. */
export function formatMoney(value: string, currency: string, options: FormatOptions = {}): string {
  const { style = 'exact', signed, locale } = options;
  const sign = { signDisplay: signDisplay(signed) };
  if (style === 'short') {
    const large = compare(absolute(value), '10000') >= 0;
    const compact = large ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 0 };
    return print(formatter(locale, { notation: large ? 'compact' : 'standard', ...compact, ...sign }), value);
  }
  const digits = style === 'whole' ? 0 : currencyDecimals(currency);
  return print(
    formatter(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits, ...sign }),
    value,
  );
}

/** All the digits that the server sent, for hover: amounts may have more decimals than their currency. */
export function formatFull(value: string, currency: string, locale?: string): string {
  const own = value.split('.')[1]?.replace(/0+$/, '').length ?? 0;
  const digits = Math.max(currencyDecimals(currency), own);
  return `${print(
    formatter(locale, {
      minimumFractionDigits: currencyDecimals(currency),
      maximumFractionDigits: Math.min(digits, 20),
      signDisplay: 'negative',
    }),
    value,
  )} ${currency}`;
}

export function formatRatio(value: string, options: FormatOptions = {}): string {
  return print(
    formatter(options.locale, {
      style: 'percent',
      minimumFractionDigits: 1,
      maximumFractionDigits: 1,
      signDisplay: signDisplay(options.signed),
    }),
    value,
  );
}

/** A change in percent ("12.0" is twelve percent), without the sign `%`. */
export function formatPercent(value: string, options: FormatOptions & { digits?: number } = {}): string {
  const digits = options.digits ?? 1;
  return print(
    formatter(options.locale, {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
      signDisplay: signDisplay(options.signed),
    }),
    value,
  );
}

/** Percent with its sign, rounded to whole percents from 10 on: "12%", "4.3%". */
export function formatPercentWord(value: string, locale?: string): string {
  const large = compare(absolute(value), '9.95') >= 0;
  const format = formatter(locale, {
    style: 'unit',
    unit: 'percent',
    unitDisplay: 'short',
    maximumFractionDigits: large ? 0 : 1,
    signDisplay: 'negative',
  });
  return print(format, value);
}

export function formatCount(value: number | string, locale?: string): string {
  return print(formatter(locale, { maximumFractionDigits: 0, signDisplay: 'negative' }), String(value));
}

/** "1 transaction", "2 transactions". */
export const formatMany = (count: number, one: string, many = `${one}s`): string => `${formatCount(count)} ${count === 1 ? one : many}`;

/** "8.2 months", "3.4 years": a long runway is not known to a tenth of a month. */
export function formatRunway(value: string, locale?: string): string {
  const months = Number(value);
  if (Math.abs(months) < 24) return `${formatMonths(value, locale)} months`;
  const years = months / 12;
  return years > 50 ? 'more than 50 years' : `${formatMonths(years.toFixed(1), locale)} years`;
}

export function formatMonths(value: string, locale?: string): string {
  return print(formatter(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 }), value);
}

/** One figure by its unit; null is a dash, whose reason the caller tells. */
export function formatFigure(
  value: string | null | undefined,
  unit: Unit,
  currency: string | null,
  options: FormatOptions = {},
): string {
  if (value === null || value === undefined) return DASH;
  switch (unit) {
    case 'MONEY':
      return formatMoney(value, currency ?? 'XXX', options);
    case 'RATIO':
      return formatRatio(value, options);
    case 'MONTHS':
      return formatMonths(value, options.locale);
    case 'COUNT':
      return formatCount(value, options.locale);
  }
}

/** A difference by its unit: ratios differ in points ("−2.8 pt"). */
export function formatDifference(
  value: string | null | undefined,
  unit: Unit,
  currency: string | null,
  options: FormatOptions = {},
): string {
  if (value === null || value === undefined) return DASH;
  if (unit === 'RATIO') {
    const text = formatRatio(value, { ...options, signed: true }).replace(/[\s\u00a0\u202f]*%[\s\u00a0]*/, '');
    return `${text} pt`;
  }
  if (unit === 'MONTHS') {
    return formatPercent(value, { ...options, signed: true });
  }
  if (unit === 'COUNT') return formatPercent(value, { ...options, signed: true, digits: 0 });
  return formatMoney(value, currency ?? 'XXX', { ...options, signed: true });
}

export type Tone = 'good' | 'bad' | 'neutral';

/** Whether a difference is for the better: colour always goes with a sign. */
export function toneOf(difference: string | null | undefined, moreIsBetter: boolean | null | undefined): Tone {
  if (difference === null || difference === undefined || moreIsBetter === null || moreIsBetter === undefined) return 'neutral';
  if (isZero(difference)) return 'neutral';
  return isNegative(difference) === moreIsBetter ? 'bad' : 'good';
}
