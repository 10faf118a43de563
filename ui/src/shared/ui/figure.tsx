/**
 * A figure is a door: the same gesture everywhere opens what it is made of. Its precise value, currency
 * and position are one hover away, and a change of it is marked for two seconds without moving anything.
 */
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { Metric, Unit } from '@/shared/graphql/generated';
import { DASH, formatCount, formatFigure, formatFull, type Style, type Tone } from '@/shared/number/format';
import { type Door, useOpenDoor, useView } from '@/shared/view/view';
import { METRIC_NAMES } from '@/shared/view/words';
import styles from './figure.module.css';

export interface FigureProps {
  value: string | null | undefined;
  unit?: Unit;
  currency?: string | null | undefined;
  style?: Style;
  signed?: boolean;
  tone?: Tone;
  /** Why there is no value. */
  reason?: string | null | undefined;
  /** Position of the view that the figure was read at. */
  position?: number | undefined;
  door: Door;
  strong?: boolean;
  /** Other words for the same figure, as in a sentence. */
  children?: ReactNode;
  label?: string;
  /** The children are words (a category's name), not the value. */
  words?: boolean;
}

const MARK_MS = 2000;

/** True for two seconds after the value changed on screen. */
export function useMarked(value: string | null | undefined): boolean {
  const before = useRef(value);
  const [marked, setMarked] = useState(false);
  useEffect(() => {
    if (before.current === value) return;
    const first = before.current === undefined;
    before.current = value;
    if (first) return;
    setMarked(true);
    const timer = setTimeout(() => setMarked(false), MARK_MS);
    return () => {
      clearTimeout(timer);
      setMarked(false);
    };
  }, [value]);
  return marked;
}

function tipOf(props: FigureProps, unit: Unit): string {
  const { value, currency, reason, position } = props;
  if (props.words) return 'Open what it is made of';
  const lines = [];
  if (value === null || value === undefined) lines.push(reason ?? 'No value.');
  else if (unit === 'MONEY' && currency) lines.push(formatFull(value, currency));
  else lines.push(formatFigure(value, unit, currency ?? null, { style: 'exact' }));
  if (position) lines.push(`As of position ${formatCount(position)}`);
  return lines.join('\n');
}

export function Figure(props: FigureProps) {
  const { value, unit = 'MONEY', currency = null, style = 'exact', signed = false, tone = 'neutral' } = props;
  const open = useOpenDoor();
  const { search } = useView();
  const marked = useMarked(value);
  const text = props.children ?? formatFigure(value, unit, currency, { style, signed });
  const { metric, category, account } = props.door;
  const isOpen = search.open === metric && search.category === category && search.account === account && !props.door.from;
  const name = props.label ?? METRIC_NAMES[metric as Metric];
  return (
    <button
      type="button"
      className={styles.figure}
      data-tone={tone}
      data-strong={props.strong || undefined}
      data-marked={marked || undefined}
      data-open={isOpen || undefined}
      data-empty={(!props.words && value === null) || undefined}
      data-tip={tipOf(props, unit)}
      aria-label={`${name}: ${typeof text === 'string' ? (text === DASH ? (props.reason ?? 'no value') : text) : (value ?? '')}. Open what it is made of`}
      onClick={(event) => {
        event.stopPropagation();
        open(props.door);
      }}
    >
      {text}
    </button>
  );
}
