/** The side sheet (a bottom sheet on phones) in which something opens; Esc, Back and the URL close and restore it. */
import { useFocusTrap, useMediaQuery } from '@mantine/hooks';
import { type ReactNode, useEffect, useRef } from 'react';
import styles from './side-panel.module.css';

export interface SidePanelProps {
  label: string;
  /** What is shown: another subject in the same panel starts at its head. */
  subject: string | undefined;
  onClose: () => void;
  children: ReactNode;
}

export function SidePanel({ label, subject, onClose, children }: SidePanelProps) {
  const sheet = useMediaQuery('(max-width: 1099px)', false, { getInitialValueInEffect: false });
  const trap = useFocusTrap(sheet);
  const opener = useRef<Element | null>(null);
  const panel = useRef<HTMLElement | null>(null);

  useEffect(
    () => () => {
      if (opener.current instanceof HTMLElement && opener.current.isConnected) opener.current.focus({ preventScroll: true });
    },
    [],
  );

  useEffect(() => {
    // Closing gives the focus back to what was opened last, as a list is walked on beside the panel.
    if (!panel.current?.contains(document.activeElement)) opener.current = document.activeElement;
    panel.current?.scrollTo({ top: 0 });
    panel.current?.querySelector<HTMLElement>('h2')?.focus({ preventScroll: true });
  }, [subject]);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented || document.querySelector('dialog[open], [data-popover]')) return;
      onClose();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [onClose]);

  const attach = (element: HTMLElement | null) => {
    panel.current = element;
    trap(element);
  };
  return (
    <>
      {sheet && <div className={styles.scrim} onClick={onClose} aria-hidden="true" />}
      <div ref={attach} className={styles.panel} role="dialog" aria-modal={sheet || undefined} aria-label={label}>
        <button type="button" className={styles.close} onClick={onClose}>
          <span className="sr">Close </span>
          <span className={styles.escKey}>Esc</span>
          <span className={styles.escTouch} aria-hidden="true">
            Close
          </span>
        </button>
        {children}
      </div>
    </>
  );
}

/** Where in the page it stands, and what it is. */
export function PanelTitle({ path, children }: { path: ReactNode; children: ReactNode }) {
  return (
    <>
      <p className={styles.path}>{path}</p>
      <h2 tabIndex={-1} data-autofocus>
        {children}
      </h2>
    </>
  );
}
