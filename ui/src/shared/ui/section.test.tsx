import { act, screen } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { renderPage } from '@/testing/page';
import { Section } from './section';

it('is brought into view where the address names it, and held there until the reader moves', async () => {
  let grow = () => {};
  vi.stubGlobal('ResizeObserver', class {
    private watching = true;
    constructor(seen: () => void) {
      grow = () => void (this.watching && seen());
    }
    observe() {
      grow();
    }
    disconnect() {
      this.watching = false;
    }
  });
  const shown = vi.spyOn(Element.prototype, 'scrollIntoView');
  await renderPage(() => <><Section id="balance" title="Balance">1</Section><Section id="accounts" title="Accounts">2</Section></>, '/cash#accounts');
  const part = screen.getByRole('region', { name: 'Accounts' });
  expect(shown.mock.contexts).toContain(part);
  shown.mockClear();
  act(() => grow());
  expect(shown.mock.contexts).toEqual([part]);
  act(() => void window.dispatchEvent(new Event('wheel')));
  act(() => grow());
  expect(shown).toHaveBeenCalledTimes(1);
  vi.unstubAllGlobals();
});
