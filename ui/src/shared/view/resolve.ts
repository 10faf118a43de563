/** What the address asks of a business, without anything of the page: the first questions are asked before it is here. */
import type { AsOf, BusinessHeadFragment, Comparison } from '@/shared/graphql/generated';
import { type Period, resolvePeriod } from '@/shared/time/period';
import { comparisonOf, parseAsOf, type ViewSearch, validateSearch } from './search';

export interface View {
  business: BusinessHeadFragment;
  search: ViewSearch;
  period: Period;
  compare: Comparison;
  asOf: AsOf | undefined;
  currency: string;
  today: string;
}

export function resolveView(business: BusinessHeadFragment, raw: Record<string, unknown>): View {
  const search = validateSearch(raw);
  return {
    business,
    search,
    period: resolvePeriod(search.period, business),
    compare: comparisonOf(search),
    asOf: parseAsOf(search.known),
    currency: search.currency ?? business.baseCurrency,
    today: business.today,
  };
}

/** What the home screen asks first. */
export function summaryVariables({ business, period, compare, currency, asOf }: View) {
  return { business: business.id, period: { from: period.from, to: period.to }, compare, currency, ...(asOf ? { asOf } : {}) };
}
