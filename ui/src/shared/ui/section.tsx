/** A part of a screen: a title that says what is shown, in which unit and range, over a line instead of a box. */
import type { ReactNode } from 'react';
import styles from './section.module.css';
import { useNamedByAddress } from './use-named-by-address';

export interface SectionProps {
  title: ReactNode;
  note?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  id?: string;
}

export function Section({ title, note, actions, children, id }: SectionProps) {
  const part = useNamedByAddress(id);
  return (
    <section ref={part} className={styles.section} aria-labelledby={id}>
      <header className={styles.head}>
        <h2 id={id}>{title}</h2>
        {note && <span className={styles.note}>{note}</span>}
        {actions && <span className={styles.actions}>{actions}</span>}
      </header>
      {children}
    </section>
  );
}
