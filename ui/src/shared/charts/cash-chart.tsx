/** Balances by day: the total, and on wish each account, from zero up. */
import { useCallback, useMemo } from 'react';
import type { BalancesQuery } from '@/shared/graphql/generated';
import { subtract, toNumber } from '@/shared/number/decimal';
import { DASH, formatMoney } from '@/shared/number/format';
import { formatShortDay } from '@/shared/time/moment';
import { Skeleton } from '@/shared/ui/states';
import { Chart } from './chart';
import { lines } from './options';
import type { Theme } from './theme';

type Balances = NonNullable<BalancesQuery['business']>['balances'];

export interface CashChartProps {
  balances: Balances | undefined;
  today: string;
  height: number;
  accounts?: boolean;
  onRange?: (from: string, to: string) => void;
  onPick?: (day: string) => void;
}

export function CashChart({ balances, today, height, accounts = false, onRange, onPick }: CashChartProps) {
  const total = useMemo(() => balances?.total ?? [], [balances]);
  const currency = balances?.currency ?? '';
  const shown = useMemo(() => (accounts && balances && balances.accounts.length > 1 ? balances.accounts.slice(0, 4) : []), [accounts, balances]);
  const build = useCallback(
    (theme: Theme, width: number) => {
      const days = total.map((point) => point.day);
      const byMonth = days.length > 45;
      return lines(
        {
          labels: days.map((day) => formatShortDay(day, today)),
          labelled: (index) => {
            if (index === 0 || index === days.length - 1) return true;
            const day = days[index] ?? '';
            return byMonth && day.endsWith('-01') && index > days.length * 0.09 && index < days.length * 0.9 && days.length < 400;
          },
          series: [
            { name: 'Total', values: total.map((point) => (point.balance === null ? null : toNumber(point.balance))), emphasis: 'main' },
            ...shown.map((one) => ({ name: one.account.name, values: alignTo(days, one.points), emphasis: 'light' as const })),
          ],
          currency,
          today: days.indexOf(today) >= 0 && days.at(-1) !== today ? days.indexOf(today) : null,
        },
        theme,
        width,
      );
    },
    [total, shown, currency, today],
  );
  const first = total[0];
  const last = total.at(-1);
  if (!balances || !first || !last) return <Skeleton height={height} />;
  const money = (value: string | null) => (value === null ? DASH : formatMoney(value, currency, { style: 'exact' }));
  const moved = first.balance !== null && last.balance !== null ? subtract(last.balance, first.balance) : null;
  const summary =
    `Cash from ${formatShortDay(first.day)} to ${formatShortDay(last.day)} in ${currency}: from ${money(first.balance)} to ${money(last.balance)}, ` +
    (moved === null ? 'not all of it with an exchange rate.' : `a change of ${formatMoney(moved, currency, { signed: true })}.`);
  return (
    <Chart
      label="Cash by day"
      summary={summary}
      height={height}
      count={total.length}
      build={build}
      read={(index) => ({
        title: formatShortDay(total[index]?.day ?? first.day, today),
        rows: [
          { name: 'Total', value: money(total[index]?.balance ?? null) },
          ...shown.map((one) => ({ name: one.account.name, value: money(balanceOn(one.points, total[index]?.day ?? '') ?? '0') })),
        ],
      })}
      table={{
        columns: ['Day', 'Total', ...shown.map((one) => one.account.name)],
        rows: total.map((point) => [point.day, money(point.balance), ...shown.map((one) => money(balanceOn(one.points, point.day) ?? '0'))]),
      }}
      onPick={onPick ? (index) => onPick(total[index]?.day ?? last.day) : undefined}
      onRange={onRange ? (from, to) => onRange(total[from]?.day ?? first.day, total[to]?.day ?? last.day) : undefined}
    />
  );
}

type Points = Balances['total'];

/** The balance at the end of a day: that of the last point on or before it. */
export function balanceOn(points: Points, day: string): string | null {
  let found: string | null = null;
  for (const point of points) {
    if (point.day > day) break;
    found = point.balance;
  }
  return found;
}

function alignTo(days: string[], points: Points): (number | null)[] {
  let next = 0;
  let held: number | null = null;
  return days.map((day) => {
    for (let point = points[next]; point && point.day <= day; point = points[++next]) held = point.balance === null ? null : toNumber(point.balance);
    return held;
  });
}
