/** Lengths for bars that are drawn with plain boxes: shares of the width, from 0 to 1. */
import { add, toNumber } from '@/shared/number/decimal';

export interface Span {
  /** Left edge and width as shares of the whole. */
  left: number;
  width: number;
}

export interface Step {
  key: string;
  value: string;
}

export interface Waterfall {
  start: Span;
  end: Span;
  steps: (Span & { key: string; from: string; to: string })[];
  zero: number;
}

const span = (a: number, b: number, low: number, range: number): Span => ({
  left: (Math.min(a, b) - low) / range,
  width: Math.abs(b - a) / range,
});

/**
 * Start, then each cause where the one before ended, then the end: all on one scale that starts at zero.
 * `start + steps` is the end; the caller's own `end` is drawn, so that a gap would be seen.
 */
export function waterfall(start: string, steps: readonly Step[], end: string): Waterfall {
  let running = start;
  const walked = steps.map(({ key, value }) => {
    const from = running;
    running = add(running, value);
    return { key, from, to: running };
  });
  const points = [0, toNumber(start), toNumber(end), ...walked.map((step) => toNumber(step.to))];
  const low = Math.min(...points);
  const range = Math.max(...points) - low || 1;
  return {
    start: span(0, toNumber(start), low, range),
    end: span(0, toNumber(end), low, range),
    steps: walked.map((step) => ({ ...step, ...span(toNumber(step.from), toNumber(step.to), low, range) })),
    zero: (0 - low) / range,
  };
}

/** Bars of differences around one common zero line. */
export function differences(values: readonly (string | null)[]): { zero: number; spans: (Span | null)[] } {
  const numbers = values.map((value) => (value === null ? null : toNumber(value)));
  const known = numbers.filter((value): value is number => value !== null);
  const low = Math.min(0, ...known);
  const range = Math.max(0, ...known) - low || 1;
  return {
    zero: -low / range,
    spans: numbers.map((value) => (value === null ? null : span(0, value, low, range))),
  };
}

/** Bars from zero to the right by size, as in a list of parts; parts of both signs share one zero. */
export const shares = differences;
