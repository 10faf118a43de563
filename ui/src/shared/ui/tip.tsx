/**
 * One tooltip for the whole page: any element with `data-tip` gets it on hover and on keyboard focus.
 * A node per figure would cost thousands in a long list.
 */
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import styles from './tip.module.css';

interface Shown {
  text: string;
  anchor: DOMRect;
}

const targetOf = (event: Event): HTMLElement | null =>
  event.target instanceof Element ? event.target.closest<HTMLElement>('[data-tip]') : null;

export function TipLayer() {
  const [shown, setShown] = useState<Shown | null>(null);
  const box = useRef<HTMLDivElement>(null);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let current: HTMLElement | null = null;
    const show = (target: HTMLElement | null, wait: number) => {
      if (target === current) return;
      current = target;
      clearTimeout(timer);
      if (!target) {
        setShown(null);
        return;
      }
      timer = setTimeout(() => {
        const text = target.dataset['tip'];
        if (text && target.isConnected) setShown({ text, anchor: target.getBoundingClientRect() });
      }, wait);
    };
    const over = (event: Event) => show(targetOf(event), 250);
    const focus = (event: Event) => {
      const target = targetOf(event);
      show(target?.matches(':focus-visible') ? target : null, 100);
    };
    const hide = () => show(null, 0);
    const key = (event: KeyboardEvent) => event.key === 'Escape' && hide();
    document.addEventListener('pointerover', over);
    document.addEventListener('focusin', focus);
    document.addEventListener('focusout', hide);
    document.addEventListener('pointerdown', hide);
    document.addEventListener('scroll', hide, true);
    document.addEventListener('keydown', key);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('pointerover', over);
      document.removeEventListener('focusin', focus);
      document.removeEventListener('focusout', hide);
      document.removeEventListener('pointerdown', hide);
      document.removeEventListener('scroll', hide, true);
      document.removeEventListener('keydown', key);
    };
  }, []);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element || !shown) return;
    const { width, height } = element.getBoundingClientRect();
    const { anchor } = shown;
    const left = Math.min(Math.max(8, anchor.left + anchor.width / 2 - width / 2), window.innerWidth - width - 8);
    const above = anchor.top - height - 8;
    element.style.left = `${left}px`;
    element.style.top = `${above > 4 ? above : anchor.bottom + 8}px`;
    element.style.visibility = 'visible';
  }, [shown]);

  if (!shown) return null;
  return (
    <div ref={box} className={styles.tip} role="tooltip">
      {shown.text}
    </div>
  );
}
