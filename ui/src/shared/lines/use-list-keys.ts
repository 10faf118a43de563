import { useEffect } from 'react';

/** j and k walk a list of rows, from anywhere but a field. */
export function useListKeys(count: number, focusRow: (index: number) => void, current: number | null): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || (event.key !== 'j' && event.key !== 'k')) return;
      if (event.target instanceof HTMLElement && event.target.closest('input, select, textarea, dialog')) return;
      event.preventDefault();
      const step = event.key === 'j' ? 1 : -1;
      focusRow(Math.min(count - 1, Math.max(0, current === null ? 0 : current + step)));
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [count, focusRow, current]);
}
