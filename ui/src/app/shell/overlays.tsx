/** The palette and the list of keys: loaded when first asked for, opened by keys from anywhere. */
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { shiftPeriod } from '@/shared/time/period';
import { keepTime } from '@/shared/view/search';
import { useSetSearch, useView } from '@/shared/view/view';
import { useScreens } from './screens';

const Palette = lazy(() => import('@/features/palette/palette').then((module) => ({ default: module.Palette })));
const Keys = lazy(() => import('@/features/palette/keys').then((module) => ({ default: module.Keys })));

type Overlay = 'palette' | 'keys';
const asked = new EventTarget();
const ask = (which: Overlay) => asked.dispatchEvent(new CustomEvent('open', { detail: which }));
export const openPalette = (): void => void ask('palette');
export const openKeys = (): void => void ask('keys');

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('input, select, textarea, [contenteditable], dialog') !== null;

export function Overlays() {
  const [open, setOpen] = useState<Overlay | null>(null);
  const { business, search, period } = useView();
  const navigate = useNavigate();
  const set = useSetSearch();
  const screens = useScreens();

  useEffect(() => {
    const onAsk = (event: Event) => setOpen((event as CustomEvent<Overlay>).detail);
    asked.addEventListener('open', onAsk);
    return () => asked.removeEventListener('open', onAsk);
  }, []);

  useEffect(() => {
    let going = 0;
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        setOpen('palette');
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (Date.now() - going < 1200) {
        const screen = screens.find((one) => one.key === event.key);
        going = 0;
        if (screen) {
          event.preventDefault();
          event.stopImmediatePropagation();
          void navigate({ to: screen.to, params: { business: business.id }, search: keepTime(search) as never });
        }
        return;
      }
      if (event.key === '?') setOpen('keys');
      else if (event.key === 'g') going = Date.now();
      else if (event.key === '[' || event.key === ']') {
        set((now) => ({ ...now, period: shiftPeriod(period, event.key === '[' ? -1 : 1) }));
      }
    };
    // Before the charts' own keys, so that "g t" is not read as "t".
    document.addEventListener('keydown', onKey, true);
    return () => document.removeEventListener('keydown', onKey, true);
  }, [business.id, navigate, screens, search, set, period]);

  if (!open) return null;
  // The browser tells later that a dialog was closed: what was opened in between stays.
  const close = (which: Overlay) => () => setOpen((now) => (now === which ? null : now));
  return (
    <Suspense fallback={null}>
      {open === 'palette' ? (
        <Palette screens={screens} onClose={close('palette')} onKeys={() => setOpen('keys')} />
      ) : (
        <Keys screens={screens} onClose={close('keys')} />
      )}
    </Suspense>
  );
}
