/** The panel in which a figure or a transaction opens. */
import { SidePanel } from '@/shared/ui/side-panel';
import { useClosePanel, useView } from '@/shared/view/view';
import { FigurePanel } from './figure-panel';
import { LinePanel } from './line-panel';

export function ExplainPanel() {
  const { search } = useView();
  const close = useClosePanel();
  const { open, tx } = search;
  const subject = open ? `${open}${search.of ?? ''}${search.category ?? ''}${search.account ?? ''}` : tx;
  return (
    <SidePanel label="What it is made of" subject={subject} onClose={close}>
      {open ? <FigurePanel metric={open} key={subject} /> : tx ? <LinePanel id={tx} /> : null}
    </SidePanel>
  );
}
