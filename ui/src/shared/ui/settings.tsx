/** Parts of a settings page: what it is on the left, and what can be done about it beside it. */
import { useRouterState } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef } from 'react';
import styles from './settings.module.css';

export interface SettingProps {
  title: string;
  note?: ReactNode;
  id?: string;
  children: ReactNode;
}

const OWN_MOVES = ['wheel', 'touchmove', 'keydown', 'pointerdown'] as const;

/**
 * Brings the part into view that the address names, as a letter's link does. What stands above it is read later and
 * would push it out again, so it is held there until the reader moves by themselves.
 */
function useNamedByAddress(id: string | undefined) {
  const part = useRef<HTMLElement>(null);
  const named = useRouterState({ select: (state) => id !== undefined && state.location.hash === id });
  useEffect(() => {
    if (!named) return;
    const watch = new ResizeObserver(() => part.current?.scrollIntoView());
    watch.observe(document.body);
    const leave = () => watch.disconnect();
    for (const move of OWN_MOVES) window.addEventListener(move, leave, { passive: true });
    return () => {
      leave();
      for (const move of OWN_MOVES) window.removeEventListener(move, leave);
    };
  }, [named]);
  return part;
}

export function Setting({ title, note, id, children }: SettingProps) {
  const part = useNamedByAddress(id);
  return (
    <section ref={part} className={styles.setting} aria-labelledby={id}>
      <div className={styles.about}>
        <h2 id={id}>{title}</h2>
        {note && <p>{note}</p>}
      </div>
      <div className={styles.body}>{children}</div>
    </section>
  );
}

/** A line of a list: what, some words about it, and what can be done with it. */
export function Row({ title, note, children }: { title: ReactNode; note?: ReactNode; children?: ReactNode }) {
  return (
    <li className={styles.row}>
      <div className={styles.what}>
        <div className={styles.rowTitle}>{title}</div>
        {note && <div className={styles.rowNote}>{note}</div>}
      </div>
      {children && <div className={styles.actions}>{children}</div>}
    </li>
  );
}

export const Rows = ({ children, label }: { children: ReactNode; label: string }) => (
  <ul className={styles.rows} aria-label={label}>
    {children}
  </ul>
);

export const Actions = ({ children }: { children: ReactNode }) => <div className={styles.actions}>{children}</div>;

export const formClass = styles.form ?? '';
