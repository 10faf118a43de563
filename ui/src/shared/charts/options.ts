/** ECharts options of the two shapes that the page draws, after the IBCS notation. */
import type { EChartsCoreOption } from 'echarts/core';
import { formatMoney } from '@/shared/number/format';
import type { Theme } from './theme';

/** Room for the labels of the value axis, left of the first place. */
const MARGIN = 40;

const shortNumber = (currency: string) => (value: number) => formatMoney(String(value), currency, { style: 'short' });

function valueAxis(theme: Theme, currency: string) {
  return {
    type: 'value',
    splitNumber: 3,
    minInterval: 1,
    axisLabel: {
      color: theme.ink2,
      fontSize: theme.size,
      fontFamily: theme.font,
      margin: 6,
      formatter: (value: number) => (value === 0 ? '' : shortNumber(currency)(value)),
    },
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: theme.line, width: 1 } },
    z: 0,
  };
}

const axisLine = (theme: Theme) => ({ axisLine: { onZero: true, lineStyle: { color: theme.ink2 } }, axisTick: { show: false } });

export interface LineSeries {
  name: string;
  values: (number | null)[];
  emphasis: 'main' | 'light';
}

export interface LinesInput {
  labels: string[];
  /** Places at which the axis carries its label. */
  labelled: (index: number) => boolean;
  series: LineSeries[];
  currency: string;
  today: number | null;
}

export function lines(input: LinesInput, theme: Theme, width: number): EChartsCoreOption {
  const named = input.series.length > 1 && width > 480;
  return {
    textStyle: { fontFamily: theme.font },
    grid: { left: MARGIN, right: named ? 120 : 8, top: 16, bottom: 22, outerBoundsMode: 'none' },
    xAxis: {
      type: 'category',
      data: input.labels,
      boundaryGap: false,
      ...axisLine(theme),
      axisLabel: {
        color: theme.ink2,
        fontSize: theme.size,
        interval: (index: number) => input.labelled(index),
        alignMinLabel: 'left',
        alignMaxLabel: 'right',
        hideOverlap: true,
      },
    },
    yAxis: { ...valueAxis(theme, input.currency), splitNumber: 3 },
    series: input.series.map((one, index) => ({
      type: 'line',
      name: one.name,
      data: one.values,
      step: 'end',
      symbol: 'none',
      silent: true,
      z: one.emphasis === 'main' ? 5 : 4,
      lineStyle: { width: one.emphasis === 'main' ? 2 : 1.25, color: one.emphasis === 'main' ? theme.bar : theme.ink2 },
      endLabel: named
        ? { show: true, formatter: one.name, color: one.emphasis === 'main' ? theme.ink : theme.ink2, fontSize: theme.size, width: 112, overflow: 'truncate' }
        : { show: false },
      labelLayout: { moveOverlap: 'shiftY' },
      markLine: index === 0 && input.today !== null ? todayLine(input.today, theme) : undefined,
    })),
  };
}

function todayLine(index: number, theme: Theme) {
  return {
    silent: true,
    symbol: 'none',
    data: [{ xAxis: index }],
    lineStyle: { color: theme.ink2, type: [2, 3], width: 1 },
    label: { formatter: 'today', color: theme.ink2, fontSize: theme.size, position: 'end', align: 'right' },
  };
}

export interface BarsInput {
  labels: string[];
  values: number[];
  before: (number | null)[];
  /** Places whose period is not over. */
  partial: boolean[];
  currency: string;
}

/** Which bars carry their value: all where there is room, else the first, the last and the largest. */
function labelled(values: number[], width: number): (index: number) => boolean {
  if (width / values.length >= 46) return () => true;
  const largest = values.indexOf(Math.max(...values));
  return (index) => index === 0 || index === values.length - 1 || index === largest;
}

export function bars(input: BarsInput, theme: Theme, width: number): EChartsCoreOption {
  const show = labelled(input.values, width - MARGIN);
  const short = shortNumber(input.currency);
  const size = Math.max(6, Math.min(44, ((width - MARGIN) / Math.max(1, input.labels.length)) * 0.5));
  return {
    textStyle: { fontFamily: theme.font },
    grid: { left: MARGIN, right: 12, top: 20, bottom: 34, outerBoundsMode: 'none' },
    xAxis: {
      type: 'category',
      data: input.labels.map((label, index) => (input.partial[index] ? `${label}\n{far|so far}` : label)),
      ...axisLine(theme),
      axisLabel: {
        color: theme.ink2,
        fontSize: theme.size,
        interval: width / input.labels.length < 26 ? 'auto' : 0,
        lineHeight: theme.size + 3,
        rich: { far: { fontSize: theme.size - 1, color: theme.ink2, lineHeight: theme.size + 3 } },
      },
    },
    yAxis: valueAxis(theme, input.currency),
    series: [
      {
        type: 'bar',
        data: input.before,
        barWidth: size,
        itemStyle: { color: theme.barBefore },
        silent: true,
        z: 1,
      },
      {
        type: 'bar',
        barWidth: size,
        barGap: '-74%',
        silent: true,
        z: 2,
        data: input.values.map((value, index) => ({
          value,
          itemStyle: { color: theme.bar },
          label: {
            show: value !== 0 && show(index),
            position: 'top',
            formatter: () => short(value),
            color: theme.ink,
            fontSize: theme.size,
            distance: 4,
          },
        })),
      },
    ],
  };
}
