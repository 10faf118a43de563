/** One figure by month: actual dark, the year before light behind it, the unfinished month marked. */
import { useCallback } from 'react';
import { percentOf, subtract, toNumber } from '@/shared/number/decimal';
import { DASH, formatMoney, formatPercent, toneOf } from '@/shared/number/format';
import { formatMonth } from '@/shared/time/period';
import { formatShortMonth } from '@/shared/time/moment';
import { Skeleton } from '@/shared/ui/states';
import { Chart } from './chart';
import { bars } from './options';
import type { Theme } from './theme';

export interface MonthBar {
  /** First day of the month. */
  month: string;
  value: string;
  before: string | null;
  partial: boolean;
}

export interface MonthBarsProps {
  label: string;
  bars: MonthBar[] | undefined;
  currency: string;
  height: number;
  moreIsBetter: boolean;
  onPick: (month: string) => void;
  onRange?: (from: string, to: string) => void;
}

export function MonthBars({ label, bars: data, currency, height, moreIsBetter, onPick, onRange }: MonthBarsProps) {
  const build = useCallback(
    (theme: Theme, width: number) =>
      bars(
        {
          labels: (data ?? []).map((bar) => formatShortMonth(bar.month)),
          values: (data ?? []).map((bar) => toNumber(bar.value)),
          before: (data ?? []).map((bar) => (bar.before === null ? null : toNumber(bar.before))),
          partial: (data ?? []).map((bar) => bar.partial),
          currency,
        },
        theme,
        width,
      ),
    [data, currency],
  );
  if (!data) return <Skeleton height={height} />;
  const money = (value: string | null) => (value === null ? DASH : formatMoney(value, currency, { style: 'exact' }));
  const last = data.at(-1);
  return (
    <Chart
      label={label}
      summary={`${label} in ${currency}, ${data.length} months. ${last ? `${formatMonth(last.month)}: ${money(last.value)}${last.partial ? ' so far' : ''}.` : ''}`}
      height={height}
      count={data.length}
      build={build}
      read={(index) => {
        const bar = data[index];
        if (!bar) return { title: '', rows: [] };
        const rows: { name: string; value: string; tone?: 'good' | 'bad' }[] = [
          { name: bar.partial ? 'So far' : bar.month.slice(0, 4), value: money(bar.value) },
        ];
        if (bar.before !== null) {
          const difference = subtract(bar.value, bar.before);
          const percent = percentOf(bar.value, bar.before);
          const tone = toneOf(difference, moreIsBetter);
          rows.push({ name: 'Year before', value: money(bar.before) });
          if (!bar.partial) {
            rows.push({
              name: 'Difference',
              value: `${formatMoney(difference, currency, { signed: true })}${percent === null ? '' : ` (${formatPercent(percent, { signed: true })} %)`}`,
              ...(tone === 'neutral' ? {} : { tone }),
            });
          }
        }
        return { title: formatMonth(bar.month), rows };
      }}
      table={{
        columns: ['Month', 'Actual', 'Year before'],
        rows: data.map((bar) => [formatMonth(bar.month) + (bar.partial ? ' (so far)' : ''), money(bar.value), money(bar.before)]),
      }}
      onPick={(index) => data[index] && onPick(data[index].month)}
      onRange={onRange ? (from, to) => onRange(data[from]?.month ?? '', data[to]?.month ?? '') : undefined}
    />
  );
}
