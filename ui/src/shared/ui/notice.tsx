/** A quiet line that says what was done, with the way back where there is one; read out politely. */
import { createContext, type ReactNode, use, useCallback, useEffect, useState } from 'react';
import styles from './notice.module.css';

export interface Notice {
  text: string;
  undo?: (() => void) | undefined;
}

type Say = (text: string, undo?: () => void) => void;
const Context = createContext<Say>(() => undefined);
const LASTS_MS = 10_000;

export const useSay = (): Say => use(Context);

export function NoticeLayer({ children }: { children: ReactNode }) {
  const [notice, setNotice] = useState<Notice | null>(null);
  useEffect(() => {
    if (!notice) return;
    const timer = setTimeout(() => setNotice(null), LASTS_MS);
    return () => clearTimeout(timer);
  }, [notice]);
  const say = useCallback<Say>((text, undo) => setNotice({ text, undo }), []);
  return (
    <Context value={say}>
      {children}
      <div className={styles.layer} role="status">
        {notice && (
          <div className={styles.notice}>
            <span>{notice.text}</span>
            {notice.undo && (
              <button
                type="button"
                onClick={() => {
                  notice.undo?.();
                  setNotice(null);
                }}
              >
                Undo
              </button>
            )}
            <button type="button" aria-label="Dismiss" onClick={() => setNotice(null)}>
              ×
            </button>
          </div>
        )}
      </div>
    </Context>
  );
}
