/**
 * Exact arithmetic on decimal strings as the server sends them ("-4310.00").
 * Sums that are shown never pass through a binary float; `toNumber` is for geometry alone.
 */
interface Scaled {
  units: bigint;
  scale: number;
}

function parse(value: string): Scaled {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(value);
  if (!match || (!match[2] && !match[3])) throw new RangeError(`not a decimal: ${value}`);
  const fraction = match[3] ?? '';
  const units = BigInt(`${match[2] ?? ''}${fraction}` || '0');
  return { units: match[1] === '-' ? -units : units, scale: fraction.length };
}

function render({ units, scale }: Scaled): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const text = scale === 0 ? whole : `${whole}.${digits.slice(-scale)}`;
  return units < 0n ? `-${text}` : text;
}

function rescale(value: Scaled, scale: number): bigint {
  return value.units * 10n ** BigInt(scale - value.scale);
}

export function add(a: string, b: string): string {
  const x = parse(a);
  const y = parse(b);
  const scale = Math.max(x.scale, y.scale);
  return render({ units: rescale(x, scale) + rescale(y, scale), scale });
}

export function negate(value: string): string {
  const { units, scale } = parse(value);
  return render({ units: -units, scale });
}

export const subtract = (a: string, b: string): string => add(a, negate(b));

export const sum = (values: Iterable<string>): string => {
  let total = '0';
  for (const value of values) total = add(total, value);
  return total;
};

export const absolute = (value: string): string => (isNegative(value) ? negate(value) : value);

export const isNegative = (value: string): boolean => parse(value).units < 0n;

export const isZero = (value: string): boolean => parse(value).units === 0n;

/** Below 0, 0 or above 0, as `Array.sort` wants it. */
export function compare(a: string, b: string): number {
  const { units } = parse(subtract(a, b));
  return units < 0n ? -1 : units > 0n ? 1 : 0;
}

/** For lengths and positions on a chart only. */
export const toNumber = (value: string): number => Number(value);

/** (now − before) as percent of |before|, to one decimal; null where before is 0. For sums made on the page. */
export function percentOf(now: string, before: string): string | null {
  const scale = Math.max(parse(now).scale, parse(before).scale);
  const base = rescale(parse(before), scale);
  if (base === 0n) return null;
  const difference = (rescale(parse(now), scale) - base) * 1000n;
  const size = base < 0n ? -base : base;
  const half = difference < 0n ? -size / 2n : size / 2n;
  return render({ units: (difference + half) / size, scale: 1 });
}
