import type { ReactNode } from 'react';
import styles from './screen.module.css';

/** The head of a screen: its name, and what is shown in which unit and range. */
export function ScreenTitle({ title, children }: { title: ReactNode; children?: ReactNode }) {
  return (
    <div className={styles.title}>
      <h1>{title}</h1>
      {children && <p>{children}</p>}
    </div>
  );
}

export function Part({ children }: { children: ReactNode }) {
  return <div className={styles.part}>{children}</div>;
}
