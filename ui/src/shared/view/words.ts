/** The owner's words for the server's terms. */
import type { Cause, Kind, Metric, RateSource } from '@/shared/graphql/generated';

export const METRIC_NAMES: Record<Metric, string> = {
  REVENUE: 'Revenue',
  EXPENSES: 'Expenses',
  PROFIT: 'Profit',
  PROFIT_MARGIN: 'Margin',
  CASH_IN: 'Operating cash in',
  CASH_OUT: 'Operating cash out',
  CASH_NET: 'Operating cash flow',
  MONEY_IN: 'Money in',
  MONEY_OUT: 'Money out',
  NET: 'Net money',
  BALANCE: 'Cash',
  BURN_RATE: 'Burn per month',
  RUNWAY: 'Runway',
  AVERAGE_SALE: 'Average sale',
  COUNT: 'Transactions',
};

export const KIND_NAMES: Record<Kind, string> = {
  REVENUE: 'Revenue',
  REFUND: 'Refund',
  EXPENSE: 'Expense',
  TAX: 'Tax',
  FINANCING: 'Financing',
  SETTLEMENT: 'Settlement',
  INTERNAL_TRANSFER: 'Own transfer',
};

export const CAUSE_NAMES: Record<Cause, string> = {
  NEW: 'New',
  LATE: 'Late',
  CORRECTED: 'Corrected',
  REMOVED: 'Removed',
  RECATEGORISED: 'Recategorised',
  EXCHANGE_RATE: 'Exchange rates',
};

export const RATE_SOURCES: Record<RateSource, string> = {
  PROVIDER: 'the provider’s own',
  ECB: 'European Central Bank',
  MANUAL: 'entered by hand',
};

export const CAUSE_MEANING: Record<Cause, string> = {
  NEW: 'booked after the newest day that the account knew',
  LATE: 'booked on an earlier day, but arrived afterwards',
  CORRECTED: 'a known line came again with another amount or date',
  REMOVED: 'a known line was taken back by its source',
  RECATEGORISED: 'the same line under another category',
  EXCHANGE_RATE: 'the same line at another rate',
};

/** Keys that say another thing than the tree's label. */
const LABELS: Record<string, string> = { sale_elsewhere: 'Sale counted elsewhere', duplicate: 'Line counted elsewhere' };

const ACRONYMS = new Set(['vat', 'gst', 'it', 'hr', 'pr']);

/** "office_rent" reads "Office rent". */
export function categoryName(category: string | null | undefined): string {
  if (!category) return 'Without category';
  if (LABELS[category]) return LABELS[category];
  const words = category.replace(/[_-]+/g, ' ').trim();
  if (ACRONYMS.has(words.toLowerCase())) return words.toUpperCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The few money figures whose value is in another unit. */
export const metricUnit = (metric: Metric): 'MONEY' | 'RATIO' | 'MONTHS' | 'COUNT' =>
  metric === 'PROFIT_MARGIN' ? 'RATIO' : metric === 'RUNWAY' ? 'MONTHS' : metric === 'COUNT' ? 'COUNT' : 'MONEY';
