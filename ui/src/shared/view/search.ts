/**
 * The whole state of the page as flat URL parameters: Back, a bookmark and a sent link restore it exactly.
 * What does not parse is dropped, never guessed.
 */
import type { AsOf, Cause, Comparison, Kind, Metric } from '@/shared/graphql/generated';
import { isDay } from '@/shared/time/days';
import { isPeriodToken } from '@/shared/time/period';

export interface ViewSearch {
  /** Token of the period; absent = this month. */
  period?: string;
  /** "before" = the period before; absent = the same period a year before. */
  vs?: 'before';
  /** As known: a day, "p123" for a position, or an RFC 3339 moment; absent = now. */
  known?: string;
  /** A code: its money alone. "BASE": all money in the business's own currency. */
  currency?: string;
  /** The open figure, and where it differs from the screen: its days, category and account. */
  open?: Metric;
  of?: string;
  category?: string;
  account?: string;
  /** Order of the open figure's transactions; absent = largest first. */
  order?: 'day';
  /** The open transaction. */
  tx?: string;
  /** What the changes are measured from: "today", "yesterday", "week", "batch" or as `known`. */
  since?: string;
  /** The figure whose changes are shown; absent = profit. */
  figure?: Metric;
  cause?: Cause;
  /** Filters of the transaction list. */
  q?: string;
  incategory?: string;
  inaccount?: string;
  /** What this payout is the sum of. */
  inpayout?: string;
  kind?: Kind;
  largest?: true;
  /** Filters of the audit history: days, who, what kind, about what; and the open event's position. */
  from?: string;
  to?: string;
  who?: string;
  did?: string;
  about?: string;
  event?: number;
  /** The open month of the reports. */
  month?: string;
  /** The open source. */
  source?: string;
}

const METRICS: readonly Metric[] = [
  'REVENUE', 'EXPENSES', 'PROFIT', 'PROFIT_MARGIN', 'CASH_IN', 'CASH_OUT', 'CASH_NET', 'MONEY_IN',
  'MONEY_OUT', 'NET', 'BALANCE', 'BURN_RATE', 'RUNWAY', 'AVERAGE_SALE', 'COUNT',
];
export const KINDS: readonly Kind[] = ['REVENUE', 'REFUND', 'EXPENSE', 'TAX', 'FINANCING', 'SETTLEMENT', 'INTERNAL_TRANSFER'];
export const CAUSES: readonly Cause[] = ['NEW', 'LATE', 'CORRECTED', 'REMOVED', 'RECATEGORISED', 'EXCHANGE_RATE'];
const SINCE = ['today', 'yesterday', 'week', 'batch'];
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

type Raw = Record<string, unknown>;

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

const oneOf = <T extends string>(value: unknown, known: readonly T[]): T | undefined =>
  known.find((one) => one === value);

const matching = (value: unknown, fits: (text: string) => boolean): string | undefined => {
  const found = text(value);
  return found !== undefined && fits(found) ? found : undefined;
};

const positionOf = (value: unknown): number | undefined =>
  /^\d{1,15}$/.test(String(value)) ? Number(value) : undefined;

export function parseAsOf(token: string | undefined): AsOf | undefined {
  if (!token) return undefined;
  if (isDay(token)) return { date: token };
  if (/^p\d{1,15}$/.test(token)) return { position: Number(token.slice(1)) };
  if (/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(token) && !Number.isNaN(Date.parse(token))) return { moment: token };
  return undefined;
}

const fitsAsOf = (token: string): boolean => parseAsOf(token) !== undefined;

export function validateSearch(raw: Raw): ViewSearch {
  const search: Record<keyof ViewSearch, unknown> = {
    period: matching(raw['period'], isPeriodToken),
    vs: oneOf(raw['vs'], ['before']),
    known: matching(raw['known'], fitsAsOf),
    currency: matching(raw['currency'], (code) => /^([A-Z]{3}|BASE)$/.test(code)),
    open: oneOf(raw['open'], METRICS),
    of: matching(raw['of'], isPeriodToken),
    category: text(raw['category']),
    account: matching(raw['account'], (id) => UUID.test(id)),
    order: oneOf(raw['order'], ['day']),
    tx: matching(raw['tx'], (id) => UUID.test(id)),
    since: matching(raw['since'], (token) => SINCE.includes(token) || fitsAsOf(token)),
    figure: oneOf(raw['figure'], METRICS),
    cause: oneOf(raw['cause'], CAUSES),
    q: text(raw['q']),
    incategory: text(raw['incategory']),
    inaccount: matching(raw['inaccount'], (id) => UUID.test(id)),
    inpayout: matching(raw['inpayout'], (id) => UUID.test(id)),
    kind: oneOf(raw['kind'], KINDS),
    largest: raw['largest'] === true || raw['largest'] === '1' ? true : undefined,
    from: matching(raw['from'], isDay),
    to: matching(raw['to'], isDay),
    who: text(raw['who']),
    did: matching(raw['did'], (kind) => /^[\w.]{1,80}$/.test(kind)),
    about: text(raw['about']),
    event: positionOf(raw['event']),
    month: matching(raw['month'], (month) => /^\d{4}-\d{2}$/.test(month)),
    source: matching(raw['source'], (id) => UUID.test(id)),
  };
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as ViewSearch;
}

/** Plain `key=value` pairs, so that a link can be read and edited by hand. */
export function parseSearch(query: string): Raw {
  return Object.fromEntries(new URLSearchParams(query));
}

export function stringifySearch(search: Raw): string {
  const pairs = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    if (value === undefined || value === null || value === false || value === '') continue;
    pairs.set(key, value === true ? '1' : String(value));
  }
  const query = pairs.toString().replace(/%3A/g, ':').replace(/%2C/g, ',');
  return query === '' ? '' : `?${query}`;
}

export const comparisonOf = (search: ViewSearch): Comparison =>
  search.vs === 'before' ? 'PREVIOUS_PERIOD' : 'SAME_PERIOD_LAST_YEAR';

/** Parameters that belong to the panel: closing it removes just these. */
export const PANEL_KEYS = ['open', 'of', 'category', 'account', 'order', 'tx', 'event'] as const;

export function withoutPanel(search: ViewSearch): ViewSearch {
  const rest = { ...search };
  for (const key of PANEL_KEYS) delete rest[key];
  return rest;
}

/** What stays when another screen is opened: period, comparison, knowledge, currency. */
export function keepTime({ period, vs, known, currency }: ViewSearch): ViewSearch {
  return {
    ...(period ? { period } : {}),
    ...(vs ? { vs } : {}),
    ...(known ? { known } : {}),
    ...(currency ? { currency } : {}),
  };
}
