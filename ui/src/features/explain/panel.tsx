/** The side sheet (a bottom sheet on phones) in which a figure opens; Esc, Back and the URL close and restore it. */
import { useFocusTrap, useMediaQuery } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import { useClosePanel, useView } from '@/shared/view/view';
import { FigurePanel } from './figure-panel';
import { LinePanel } from './line-panel';
import styles from './panel.module.css';

export function ExplainPanel() {
  const { search } = useView();
  const close = useClosePanel();
  const sheet = useMediaQuery('(max-width: 1099px)', false, { getInitialValueInEffect: false });
  const trap = useFocusTrap(sheet);
  const opener = useRef<Element | null>(null);
  const panel = useRef<HTMLElement | null>(null);
  const { open, tx } = search;

  useEffect(() => {
    opener.current = document.activeElement;
    return () => {
      if (opener.current instanceof HTMLElement && opener.current.isConnected) opener.current.focus({ preventScroll: true });
    };
  }, []);

  // A new figure in the same panel starts at its head.
  const subject = open ? `${open}${search.of ?? ''}${search.category ?? ''}${search.account ?? ''}` : tx;
  useEffect(() => {
    panel.current?.scrollTo({ top: 0 });
    panel.current?.querySelector<HTMLElement>('h2')?.focus({ preventScroll: true });
  }, [subject]);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented || document.querySelector('dialog[open], [data-popover]')) return;
      close();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [close]);

  const attach = (element: HTMLElement | null) => {
    panel.current = element;
    trap(element);
  };
  return (
    <>
      {sheet && <div className={styles.scrim} onClick={close} aria-hidden="true" />}
      <div ref={attach} className={styles.panel} role="dialog" aria-modal={sheet || undefined} aria-label="What it is made of">
        <button type="button" className={styles.close} onClick={close}>
          <span className="sr">Close </span>
          <span className={styles.escKey}>Esc</span>
          <span className={styles.escTouch} aria-hidden="true">
            Close
          </span>
        </button>
        {open ? <FigurePanel metric={open} key={subject} /> : tx ? <LinePanel id={tx} /> : null}
      </div>
    </>
  );
}
