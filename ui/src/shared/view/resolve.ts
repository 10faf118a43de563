/** What the address asks of a business, without anything of the page: the first questions are asked before it is here. */
import type { AsOf, BusinessHeadFragment, Comparison } from '@/shared/graphql/generated';
import { dayIn } from '@/shared/time/moment';
import { type Period, resolvePeriod } from '@/shared/time/period';
import { comparisonOf, parseAsOf, type ViewSearch, validateSearch } from './search';

export interface View {
  business: BusinessHeadFragment;
  search: ViewSearch;
  period: Period;
  compare: Comparison;
  asOf: AsOf | undefined;
  /** In which figures are written. */
  currency: string;
  /** What is asked for: that currency's money alone, or BASE for all money in it. */
  asked: string;
  today: string;
  /** On which the reader stands: today, or the day of a past view by day or moment. */
  standing: string;
}

/** All money, each amount at the exchange rate of its day. */
export const BASE = 'BASE';

export const hasForeignMoney = (business: BusinessHeadFragment): boolean => business.currencies.some((code) => code !== business.baseCurrency);

/** In what else the figures can be told. */
export function currencyChoices({ business, asked }: Pick<View, 'business' | 'asked'>): string[] {
  const all = hasForeignMoney(business) ? [BASE, ...business.currencies] : business.currencies;
  return all.filter((code) => code !== asked);
}

/** Transactions are in their own currency: where all money is told in one, none is left out. */
export const ofLines = ({ asked }: Pick<View, 'asked'>): { currency?: string } => (asked === BASE ? {} : { currency: asked });

export function resolveView(business: BusinessHeadFragment, raw: Record<string, unknown>): View {
  const search = validateSearch(raw);
  const asked = search.currency ?? (hasForeignMoney(business) ? BASE : business.baseCurrency);
  const asOf = parseAsOf(search.known);
  const standing = standingDay(asOf, business);
  return {
    business,
    search,
    period: resolvePeriod(search.period, business, standing),
    compare: comparisonOf(search),
    asOf,
    currency: asked === BASE ? business.baseCurrency : asked,
    asked,
    today: business.today,
    standing,
  };
}

/** What a position's day was only the answer tells: figures of a running period are cut there, and say so. */
function standingDay(asOf: AsOf | undefined, { today, timeZone }: BusinessHeadFragment): string {
  const day = asOf?.date ?? (asOf?.moment ? dayIn(asOf.moment, timeZone) : today);
  return day < today ? day : today;
}

/** What the home screen asks first. */
export function summaryVariables({ business, period, compare, asked, asOf }: View) {
  return { business: business.id, period: { from: period.from, to: period.to }, compare, currency: asked, ...(asOf ? { asOf } : {}) };
}
