/** The answer in one sentence or three, made from the figures; each figure in it is a door. */
import type { Comparison, ComparedFragment, Metric, SummaryQuery } from '@/shared/graphql/generated';
import { absolute, compare as compareDecimals, isNegative, isZero } from '@/shared/number/decimal';
import { formatMoney, formatPercentWord, formatRunway, type Tone, toneOf } from '@/shared/number/format';
import { endOfMonth, startOfMonth } from '@/shared/time/days';
import { formatDays, formatMonth, type Period, periodName } from '@/shared/time/period';
import type { Door } from '@/shared/view/view';
import { categoryName } from '@/shared/view/words';

export type SummaryData = NonNullable<SummaryQuery['business']>['summary'];

export interface FigureSegment {
  figure: ComparedFragment | null;
  door: Door;
  text: string;
  tone: Tone;
}
export type Segment = string | FigureSegment;

export interface SentenceInput {
  summary: SummaryData;
  period: Period;
  compare: Comparison;
  today: string;
  locale?: string;
}

interface Context extends SentenceInput {
  figure: (metric: Metric) => ComparedFragment | undefined;
}

export function buildSentence(input: SentenceInput): Segment[] {
  // Before the first batch: what is shown then is not the business, but what was known of it.
  if (input.summary.known.position === 0) return ['Nothing was known of this business yet.'];
  const byMetric = new Map(input.summary.figures.map((one) => [one.metric, one]));
  const context: Context = { ...input, figure: (metric) => byMetric.get(metric) };
  return [keptOf(context), cash(context), comparison(context)]
    .filter((part) => part.length > 0)
    .flatMap((part, index) => (index === 0 ? part : [' ', ...part]));
}

const money = (context: Context, value: string): string =>
  formatMoney(absolute(value), context.summary.currency, { style: 'whole', locale: context.locale });

function door(context: Context, metric: Metric, text: string, tone: Tone = 'neutral', category?: string): FigureSegment {
  return { figure: context.figure(metric) ?? null, door: { metric, ...(category ? { category } : {}) }, text, tone };
}

const SUMS: readonly Metric[] = ['REVENUE', 'EXPENSES', 'PROFIT'];

function keptOf(context: Context): Segment[] {
  const { period, today, locale } = context;
  const when = `${period.running ? 'so far ' : ''}${period.kind === 'range' ? 'on' : 'in'} ${periodName(period, today, locale)}`;
  // A sum without a value lacks an exchange rate: it is told as such, not as nothing.
  if (SUMS.some((metric) => context.figure(metric)?.value === null)) {
    return [`What was kept ${when} cannot be told in ${context.summary.currency}: an exchange rate is missing.`];
  }
  const revenue = context.figure('REVENUE')?.value ?? '0';
  const expenses = context.figure('EXPENSES')?.value ?? '0';
  const profit = context.figure('PROFIT')?.value ?? '0';
  const count = context.figure('COUNT')?.value;
  if (isZero(revenue) && isZero(expenses)) {
    return count && !isZero(count)
      ? [`No revenue and no expenses ${when}, only `, door(context, 'COUNT', count === '1' ? 'one other line' : `${count} other lines`), '.']
      : [`Nothing was booked ${when}.`];
  }
  if (isZero(revenue)) return [`No revenue ${when}, and `, door(context, 'EXPENSES', money(context, expenses)), ' of expenses.'];
  if (isZero(profit)) return [door(context, 'REVENUE', money(context, revenue)), ` came in ${when}, and just as much went out.`];
  if (isNegative(profit)) {
    return [
      door(context, 'PROFIT', money(context, profit), 'bad'),
      ` lost ${when}: `,
      door(context, 'EXPENSES', money(context, expenses)),
      ' of expenses against ',
      door(context, 'REVENUE', money(context, revenue)),
      ' of revenue.',
    ];
  }
  if (isZero(expenses)) return [door(context, 'REVENUE', money(context, revenue)), ` of revenue ${when}, and no expenses.`];
  return [door(context, 'PROFIT', money(context, profit)), ' kept of ', door(context, 'REVENUE', money(context, revenue)), ` ${when}.`];
}

function cash(context: Context): Segment[] {
  const balance = context.figure('BALANCE')?.value;
  if (balance === null || balance === undefined) return [];
  const held = door(context, 'BALANCE', formatMoney(balance, context.summary.currency, { style: 'whole', locale: context.locale }), isNegative(balance) ? 'bad' : 'neutral');
  const runway = context.figure('RUNWAY')?.value;
  const burn = context.figure('BURN_RATE')?.value;
  if (runway !== null && runway !== undefined && !isNegative(runway)) {
    return ['Cash of ', held, ' lasts ', door(context, 'RUNWAY', formatRunway(runway, context.locale)), ' at the present burn.'];
  }
  const steady = burn !== null && burn !== undefined && compareDecimals(burn, '0') <= 0;
  return ['Cash stands at ', held, steady ? ', and the last three months burned none.' : '.'];
}

/** "the same days last year", "September", "1–9 December 2010". */
export function comparedName({ summary, compare, period, today, locale }: SentenceInput): string {
  const { from, to } = summary.compared;
  if (compare === 'SAME_PERIOD_LAST_YEAR' && (period.running || period.kind === 'range')) return 'the same days last year';
  if (from === startOfMonth(from) && to === endOfMonth(from)) return formatMonth(from, locale, from.slice(0, 4) !== today.slice(0, 4));
  if (from.endsWith('-01-01') && to === `${from.slice(0, 4)}-12-31`) return from.slice(0, 4);
  return formatDays(from, to, today, locale);
}

const hasBefore = (figure: ComparedFragment | undefined): figure is ComparedFragment =>
  figure?.before !== null && figure?.before !== undefined && !isZero(figure.before);

/** The comparison speaks of revenue or of expenses, whichever moved by more money. */
function comparison(context: Context): Segment[] {
  const revenue = context.figure('REVENUE');
  const expenses = context.figure('EXPENSES');
  if (context.summary.lacking.length > 0) return [];
  const candidates = [expenses, revenue].filter(hasBefore);
  if (candidates.length === 0) {
    const anything = [revenue, expenses].some((one) => one?.value && !isZero(one.value));
    return anything ? [`There is nothing in ${comparedName(context)} to compare with.`] : [];
  }
  const size = (one: ComparedFragment) => absolute(one.difference ?? '0');
  const [main, other] = candidates.sort((a, b) => compareDecimals(size(b), size(a)));
  if (!main) return [];
  const name = main.metric === 'REVENUE' ? 'Revenue' : 'Expenses';
  const verb = main.metric === 'REVENUE' ? 'is' : 'are';
  if (main.direction === 'STABLE' || !main.percent) {
    const both = other && other.direction === 'STABLE' ? 'Revenue and expenses are' : `${name} ${verb}`;
    return [`${both} level with ${comparedName(context)}.`];
  }
  const up = !isNegative(main.percent);
  const text = formatPercentWord(absolute(main.percent), context.locale);
  const verbOfMove = main.metric === 'REVENUE' ? (context.period.running ? 'runs' : 'was') : context.period.running ? 'run' : 'were';
  return [
    `${name} ${verbOfMove} `,
    door(context, main.metric, text, toneOf(main.difference, main.moreIsBetter)),
    ` ${up ? 'above' : 'below'} ${comparedName(context)}`,
    ...mostly(context, main.metric, up),
    '.',
  ];
}

const isOf = (metric: Metric, kind: string): boolean =>
  metric === 'REVENUE' ? kind === 'REVENUE' || kind === 'REFUND' : kind === 'EXPENSE' || kind === 'TAX';

/** The category that moved most in the same direction, where it explains at least a quarter. */
function mostly(context: Context, metric: Metric, up: boolean): Segment[] {
  const whole = context.figure(metric)?.difference;
  if (!whole) return [];
  const mover = context.summary.movers
    .filter((one) => isOf(metric, one.kind) && isNegative(one.difference) !== up && !isZero(one.difference))
    .sort((a, b) => compareDecimals(absolute(b.difference), absolute(a.difference)))[0];
  if (!mover || Number(absolute(mover.difference)) * 4 < Number(absolute(whole))) return [];
  const text = categoryName(mover.category);
  const figure: FigureSegment = { figure: null, door: { metric, category: mover.category }, text, tone: 'neutral' };
  return [', mostly ', figure];
}

export const sentenceText = (segments: readonly Segment[]): string =>
  segments.map((segment) => (typeof segment === 'string' ? segment : segment.text)).join('');
