/**
 * A button that opens a small sheet below it; Esc and a click elsewhere close it, focus comes back. The sheet
 * itself, with all that it takes to place one, is loaded when the page is idle or a button is about to be used.
 */
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react';
import { buttonClass } from './button';
import styles from './drop.module.css';

const load = () => import('./drop-sheet');
/** Ahead of time; where it fails now, it is tried again when it is needed. */
const prepare = () => void load().catch(() => undefined);
const DropSheet = lazy(() => load().then((module) => ({ default: module.DropSheet })));

export interface DropProps {
  label: ReactNode;
  /** What the control is, for screen readers. */
  name: string;
  strong?: boolean;
  width?: number;
  children: (close: () => void) => ReactNode;
}

export function Drop({ label, name, strong, width = 240, children }: DropProps) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  // A press on the button of an open sheet is a click elsewhere first: it must not open it again.
  const wasOpen = useRef(false);
  const close = () => {
    setOpen(false);
    button.current?.focus({ preventScroll: true });
  };
  useEffect(() => {
    const timer = setTimeout(prepare, 3000);
    return () => clearTimeout(timer);
  }, []);
  return (
    <span className={styles.drop}>
      <button
        ref={button}
        type="button"
        className={`${buttonClass} ${styles.trigger}`}
        data-strong={strong || undefined}
        aria-label={typeof label === 'string' ? `${name}: ${label}` : undefined}
        aria-haspopup="dialog"
        aria-expanded={open}
        onPointerEnter={prepare}
        onPointerDown={() => {
          wasOpen.current = open;
        }}
        onClick={() => {
          setOpen(!wasOpen.current);
          wasOpen.current = false;
        }}
      >
        <span>{label}</span>
        <span aria-hidden="true" className={styles.arrow}>
          ▾
        </span>
      </button>
      {open && (
        <Suspense fallback={null}>
          <DropSheet name={name} width={width} onClose={close}>
            {children(close)}
          </DropSheet>
        </Suspense>
      )}
    </span>
  );
}
