/** Which transactions a figure is made of, as filters of the transaction list. */
import type { Kind, LineFragment, Metric } from '@/shared/graphql/generated';
import { isNegative, isZero } from '@/shared/number/decimal';
import { addDays, addMonths, startOfMonth } from '@/shared/time/days';

const SALES: Kind[] = ['REVENUE', 'REFUND'];
const COSTS: Kind[] = ['EXPENSE', 'TAX'];
const OPERATING: Kind[] = [...SALES, ...COSTS];

export interface LineFilter {
  kinds?: Kind[];
  sign?: 'in' | 'out';
  from: string;
  to: string;
}

/** `firstDay`: of the business; balances reach back to it. */
export function linesOf(metric: Metric, from: string, to: string, firstDay: string | null): LineFilter {
  switch (metric) {
    case 'REVENUE':
      return { kinds: SALES, from, to };
    case 'EXPENSES':
      return { kinds: COSTS, from, to };
    case 'PROFIT':
    case 'PROFIT_MARGIN':
    case 'CASH_NET':
      return { kinds: OPERATING, from, to };
    case 'CASH_IN':
      return { kinds: OPERATING, sign: 'in', from, to };
    case 'CASH_OUT':
      return { kinds: OPERATING, sign: 'out', from, to };
    case 'MONEY_IN':
      return { sign: 'in', from, to };
    case 'MONEY_OUT':
      return { sign: 'out', from, to };
    case 'AVERAGE_SALE':
      return { kinds: ['REVENUE'], from, to };
    case 'BALANCE':
    case 'RUNWAY':
      return { from: firstDay && firstDay < to ? firstDay : from, to };
    case 'BURN_RATE': {
      // The last three full months before the end of the period.
      const month = startOfMonth(addDays(to, 1));
      return { kinds: OPERATING, from: addMonths(month, -3), to: addDays(month, -1) };
    }
    case 'NET':
    case 'COUNT':
      return { from, to };
  }
}

export function passes(line: LineFragment, sign: 'in' | 'out' | undefined): boolean {
  if (!sign || isZero(line.amount)) return sign === undefined;
  return isNegative(line.amount) === (sign === 'out');
}
