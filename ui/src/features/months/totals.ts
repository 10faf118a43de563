/** Sums over the kinds of a month, by currency. */
import type { MonthFiguresFragment } from '@/shared/graphql/generated';
import { add } from '@/shared/number/decimal';

export interface Total {
  currency: string;
  in: string;
  out: string;
  net: string;
  count: number;
}

/** The base currency first, the others by name. */
export function totals(figures: readonly MonthFiguresFragment[], base: string): Total[] {
  const found = new Map<string, Total>();
  for (const figure of figures) {
    const now = found.get(figure.currency) ?? { currency: figure.currency, in: '0', out: '0', net: '0', count: 0 };
    found.set(figure.currency, {
      currency: figure.currency,
      in: add(now.in, figure.in),
      out: add(now.out, figure.out),
      net: add(now.net, figure.net),
      count: now.count + figure.count,
    });
  }
  return [...found.values()].sort((a, b) => Number(b.currency === base) - Number(a.currency === base) || a.currency.localeCompare(b.currency));
}

export interface Line {
  currency: string;
  kind: MonthFiguresFragment['kind'];
  sealed: MonthFiguresFragment | undefined;
  since: MonthFiguresFragment | undefined;
}

/** Figures with what has come for them since; a kind that came only since has a line of its own. */
export function linesOf(figures: readonly MonthFiguresFragment[], differences: readonly MonthFiguresFragment[], currency: string): Line[] {
  const mine = (list: readonly MonthFiguresFragment[]) => list.filter((one) => one.currency === currency);
  const kinds = [...new Set([...mine(figures), ...mine(differences)].map((one) => one.kind))];
  const of = (list: readonly MonthFiguresFragment[], kind: Line['kind']) => mine(list).find((one) => one.kind === kind);
  return kinds.map((kind) => ({ currency, kind, sealed: of(figures, kind), since: of(differences, kind) }));
}
