/** Mounts ECharts into an element, follows its size and the colour scheme, and knows where each place is. */
import type { EChartsCoreOption } from 'echarts/core';
import { type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import type { Engine } from './engine';
import { readTheme, type Theme } from './theme';

export interface Canvas {
  /** Middle of place `index` in px from the left. */
  x: (index: number) => number;
  /** Place nearest to a px from the left. */
  at: (px: number) => number;
  width: () => number;
}

function useSchemeCount(): number {
  const [count, setCount] = useState(0);
  useEffect(() => {
    const bump = () => setCount((now) => now + 1);
    const media = window.matchMedia('(prefers-color-scheme: dark)');
    media.addEventListener('change', bump);
    const observer = new MutationObserver(bump);
    observer.observe(document.documentElement, { attributeFilter: ['data-mantine-color-scheme'] });
    void document.fonts?.ready.then(bump);
    return () => {
      media.removeEventListener('change', bump);
      observer.disconnect();
    };
  }, []);
  return count;
}

export function useCanvas(
  box: RefObject<HTMLDivElement | null>,
  build: (theme: Theme, width: number) => EChartsCoreOption,
  hidden: boolean,
): Canvas {
  const engine = useRef<Engine | null>(null);
  const [width, setWidth] = useState(0);
  const scheme = useSchemeCount();

  useEffect(() => {
    const element = box.current;
    if (!element || hidden) return;
    let gone = false;
    const observer = new ResizeObserver(() => {
      engine.current?.resize();
      setWidth(element.clientWidth);
    });
    void import('./engine').then(({ mount }) => {
      if (gone) return;
      engine.current = mount(element);
      observer.observe(element);
      setWidth(element.clientWidth);
    });
    return () => {
      gone = true;
      observer.disconnect();
      engine.current?.dispose();
      engine.current = null;
      setWidth(0);
    };
  }, [box, hidden]);

  useEffect(() => {
    const element = box.current;
    if (!engine.current || !element || width === 0) return;
    engine.current.setOption({ animation: false, ...build(readTheme(element), width) }, { notMerge: true });
  }, [box, build, width, scheme]);

  return useMemo<Canvas>(
    () => ({
      x: (index) => Number(engine.current?.convertToPixel({ xAxisIndex: 0 }, index) ?? 0),
      at: (px) => Number(engine.current?.convertFromPixel({ xAxisIndex: 0 }, px) ?? 0),
      width: () => box.current?.clientWidth ?? 0,
    }),
    [box],
  );
}
