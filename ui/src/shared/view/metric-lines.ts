/** Which transactions a figure is made of, as filters of the transaction list. */
import type { Kind, Metric, Sign } from '@/shared/graphql/generated';
import { addDays, addMonths, earlier, startOfMonth } from '@/shared/time/days';

const SALES: Kind[] = ['REVENUE', 'REFUND'];
const COSTS: Kind[] = ['EXPENSE', 'TAX'];
const OPERATING: Kind[] = [...SALES, ...COSTS];

export interface LineFilter {
  kinds?: Kind[];
  sign?: Sign;
  from: string;
  to: string;
}

/** `firstDay`: of the business; balances reach back to it. `standing`: no month is full that was not over on this day. */
export function linesOf(metric: Metric, from: string, to: string, firstDay: string | null, standing: string = to): LineFilter {
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
      return { kinds: OPERATING, sign: 'IN', from, to };
    case 'CASH_OUT':
      return { kinds: OPERATING, sign: 'OUT', from, to };
    case 'MONEY_IN':
      return { sign: 'IN', from, to };
    case 'MONEY_OUT':
      return { sign: 'OUT', from, to };
    case 'AVERAGE_SALE':
      return { kinds: ['REVENUE'], from, to };
    case 'BALANCE':
    case 'RUNWAY':
      return { from: firstDay && firstDay < to ? firstDay : from, to };
    case 'BURN_RATE': {
      // The last three full months before the end of the period.
      const month = startOfMonth(addDays(earlier(to, standing), 1));
      return { kinds: OPERATING, from: addMonths(month, -3), to: addDays(month, -1) };
    }
    case 'NET':
    case 'COUNT':
      return { from, to };
  }
}
