/** Parts of a settings page: what it is on the left, and what can be done about it beside it. */
import type { ReactNode } from 'react';
import styles from './settings.module.css';
import { useNamedByAddress } from './use-named-by-address';

export interface SettingProps {
  title: string;
  note?: ReactNode;
  id?: string;
  children: ReactNode;
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
