import { type DragEvent, useRef, useState } from 'react';
import { formatCount } from '@/shared/number/format';
import { Button } from '@/shared/ui/button';
import styles from './imports.module.css';
import type { ImportFlow } from './use-import';

export function Chooser({ flow }: { flow: ImportFlow }) {
  const { state, choose, reset } = flow;
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file) choose(file);
  };
  const reading = state.step === 'reading';
  return (
    <div
      className={styles.drop}
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <input
        ref={input}
        type="file"
        className="sr"
        tabIndex={-1}
        aria-label="File to import"
        accept=".csv,.tsv,.txt,.gz,.ofx,.qfx,.qif,.xml,.sta,.mt940,.940,text/csv"
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = '';
          if (file) choose(file);
        }}
      />
      {reading ? (
        <>
          <p className={styles.dropTitle}>Reading {state.file?.name}</p>
          <Progress share={state.progress} size={state.file?.size ?? 0} doing="Looking at what it is and at what it would add" />
          <Button onClick={reset}>Stop</Button>
        </>
      ) : (
        <>
          <p className={styles.dropTitle}>Drop an export of your bank or shop here</p>
          <p className="muted">You see what it would add first. Nothing is written until you say so.</p>
          <Button primary onClick={() => input.current?.click()}>
            Choose a file
          </Button>
        </>
      )}
    </div>
  );
}

export function Progress({ share, size, doing }: { share: number; size: number; doing: string }) {
  const sent = share >= 1;
  return (
    <div className={styles.progress}>
      <progress value={sent ? undefined : share} max={1} aria-label={sent ? doing : 'Sending the file'} />
      <span className="muted">
        {sent || share === 0 ? `${doing}…` : `${formatCount(Math.round((share * size) / 1024))} of ${formatCount(Math.round(size / 1024))} KiB sent`}
      </span>
    </div>
  );
}
