import type { ReactNode } from 'react';
import styles from './details.module.css';

/** What is known of one thing, name by name. */
export function Details({ children, className = '' }: { children: ReactNode; className?: string | undefined }) {
  return <dl className={`${styles.details} ${className}`}>{children}</dl>;
}

export function Detail({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

export const Hash = ({ children }: { children: string }) => <span className={styles.hash}>{children}</span>;
