/**
 * A chart with everything around it: a text summary, its values on hover and by arrow keys, a range drawn
 * by dragging, and its table one key (t) away in the same space. ECharts only draws.
 */
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import type { EChartsCoreOption } from 'echarts/core';
import { ChartTable, type TableData } from './chart-table';
import styles from './chart.module.css';
import type { Theme } from './theme';
import { useCanvas } from './use-canvas';
import { useReading } from './use-reading';

export interface Reading {
  title: string;
  rows: { name: string; value: string; tone?: 'good' | 'bad' }[];
}

export interface ChartProps {
  label: string;
  summary: string;
  height: number;
  /** Places on the time axis. */
  count: number;
  build: (theme: Theme, width: number) => EChartsCoreOption;
  read: (index: number) => Reading;
  table: TableData;
  onPick?: ((index: number) => void) | undefined;
  onRange?: ((from: number, to: number) => void) | undefined;
  children?: ReactNode;
}

export function Chart(props: ChartProps) {
  const { label, summary, height, count, build, read, table, onPick, onRange } = props;
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  const [asTable, setAsTable] = useState(false);
  const canvas = useCanvas(box, build, asTable);
  const reading = useReading({ canvas, count, onPick, onRange });
  const { index, drag } = reading;

  useEffect(() => {
    if (asTable) reading.clear();
  }, [asTable]); // eslint-disable-line react-hooks/exhaustive-deps

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 't' && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      setAsTable((shown) => !shown);
    } else if (!asTable) reading.onKeyDown(event);
  };

  const shown = index === null ? null : read(index);
  return (
    <figure className={styles.chart} aria-describedby={id}>
      <figcaption id={id} className="sr">
        {summary}
      </figcaption>
      {/* An application by its role: it reads arrow keys. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <div
        className={styles.field}
        style={{ height }}
        role="application"
        aria-roledescription="chart"
        aria-label={`${label}. Arrow keys read values${onPick ? ', Enter opens one' : ''}, t shows the table.`}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onBlur={reading.clear}
      >
        {asTable ? (
          <ChartTable data={table} label={label} />
        ) : (
          <div className={styles.plot} {...reading.pointer} data-pick={onPick ? true : undefined}>
            <div ref={box} className={styles.canvas} />
            {drag && <div className={styles.range} style={{ left: drag.left, width: drag.width }} />}
            {shown && index !== null && <ReadingBox x={canvas.x(index)} width={canvas.width()} reading={shown} />}
          </div>
        )}
      </div>
      <div className="sr" aria-live="polite">
        {shown ? `${shown.title}: ${shown.rows.map((row) => `${row.name} ${row.value}`).join(', ')}` : ''}
      </div>
      <button type="button" className={styles.toggle} onClick={() => setAsTable((now) => !now)} aria-pressed={asTable}>
        {asTable ? 'Chart' : 'Table'}
      </button>
    </figure>
  );
}

function ReadingBox({ x, width, reading }: { x: number; width: number; reading: Reading }) {
  const side = x > width / 2 ? { right: width - x + 10 } : { left: x + 10 };
  return (
    <>
      <div className={styles.cross} style={{ left: x }} />
      <div className={styles.reading} style={side}>
        <strong>{reading.title}</strong>
        <dl>
          {reading.rows.map((row) => (
            <div key={row.name}>
              <dt>{row.name}</dt>
              <dd className={row.tone}>{row.value}</dd>
            </div>
          ))}
        </dl>
      </div>
    </>
  );
}
