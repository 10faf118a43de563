/** Which place of a chart is read, by pointer or by keys, and which range is being drawn. */
import { type KeyboardEvent, type PointerEvent, useCallback, useRef, useState } from 'react';
import type { Canvas } from './use-canvas';

export interface ReadingInput {
  canvas: Canvas;
  count: number;
  onPick?: ((index: number) => void) | undefined;
  onRange?: ((from: number, to: number) => void) | undefined;
}

const DRAG_PX = 6;

const offsetOf = (event: PointerEvent<HTMLElement>): number =>
  event.clientX - event.currentTarget.getBoundingClientRect().left;

export function useReading({ canvas, count, onPick, onRange }: ReadingInput) {
  const [index, setIndex] = useState<number | null>(null);
  const [drag, setDrag] = useState<{ left: number; width: number } | null>(null);
  const start = useRef<number | null>(null);
  const clear = useCallback(() => setIndex(null), []);

  const clamp = (place: number) => Math.min(count - 1, Math.max(0, Math.round(place)));
  const placeAt = (px: number) => clamp(canvas.at(px));

  const end = (event: PointerEvent<HTMLElement>) => {
    const from = start.current;
    const to = offsetOf(event);
    start.current = null;
    setDrag(null);
    if (from === null || count === 0) return;
    if (Math.abs(to - from) < DRAG_PX || !onRange) onPick?.(placeAt(to));
    else onRange(placeAt(Math.min(from, to)), placeAt(Math.max(from, to)));
  };

  const pointer = {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.button !== 0) return;
      start.current = offsetOf(event);
      if (event.pointerType === 'mouse' && onRange) event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      if (count === 0) return;
      const px = offsetOf(event);
      setIndex(placeAt(px));
      if (start.current === null || !onRange || event.pointerType !== 'mouse') return;
      const left = Math.min(start.current, px);
      const width = Math.abs(px - start.current);
      setDrag(width < DRAG_PX ? null : { left, width });
    },
    onPointerUp: end,
    onPointerCancel: () => {
      start.current = null;
      setDrag(null);
    },
    onPointerLeave: () => {
      if (start.current === null) setIndex(null);
    },
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, number> = {
      ArrowLeft: (index ?? count) - 1,
      ArrowRight: (index ?? -1) + 1,
      Home: 0,
      End: count - 1,
    };
    const next = moves[event.key];
    if (next !== undefined && count > 0) {
      event.preventDefault();
      setIndex(clamp(next));
    } else if (event.key === 'Enter' && index !== null) {
      event.preventDefault();
      onPick?.(index);
    } else if (event.key === 'Escape' && index !== null) {
      event.stopPropagation();
      setIndex(null);
    }
  };

  return { index, drag, clear, pointer, onKeyDown };
}
