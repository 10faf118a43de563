/** A page of its own, outside of any business: one question, and what to do about it. */
import type { ReactNode } from 'react';
import { useEffect, useRef } from 'react';
import styles from './entry.module.css';

export function Entry({ title, children, urgent = false }: { title: string; children: ReactNode; urgent?: boolean }) {
  const head = useRef<HTMLHeadingElement>(null);
  const first = useRef(title);
  useEffect(() => {
    document.title = `${title} · Workdock`;
    // The next step of the same page is read out; the first one is where the form takes the focus.
    if (first.current !== title) head.current?.focus();
    first.current = title;
  }, [title]);
  return (
    <main className={styles.page}>
      <p className={styles.brand}>Workdock</p>
      <div role={urgent ? 'alert' : undefined}>
        <h1 ref={head} tabIndex={-1}>
          {title}
        </h1>
      </div>
      {children}
    </main>
  );
}

/** What else one may have come for. */
export const EntryFoot = ({ children }: { children: ReactNode }) => <div className={styles.foot}>{children}</div>;

export const entryForm = styles.form ?? '';
export const entryCode = styles.code ?? '';
