import { useClient } from 'urql';
import { mutate } from '@/shared/api/mutate';
import { useAction } from '@/shared/api/use-action';
import { useReadAgain } from '@/shared/api/use-head';
import { type LineFragment, RecategoriseDocument } from '@/shared/graphql/generated';
import { formatCount } from '@/shared/number/format';
import { usePutParts } from '@/shared/split/use-split';
import { useSay } from '@/shared/ui/notice';
import { useView } from '@/shared/view/view';
import { categoryName } from '@/shared/view/words';

export type Lined = Pick<LineFragment, 'id' | 'category' | 'kind' | 'account' | 'decision' | 'parts'>;

/** How many one command takes. */
export const MOST = 500;

interface Was {
  category: string | null;
  kind: LineFragment['kind'] | null;
  lines: Lined[];
}

/** What they meant before, in as few commands as can be: a choice is made again, anything else is left to decide itself. */
export function before(lines: readonly Lined[]): Was[] {
  const found = new Map<string, Was>();
  for (const line of lines) {
    const chosen = line.decision.basis === 'CHOICE';
    const key = chosen ? `${line.category} ${line.kind}` : '';
    const group = found.get(key) ?? { category: chosen ? line.category : null, kind: chosen ? line.kind : null, lines: [] };
    group.lines.push(line);
    found.set(key, group);
  }
  return [...found.values()];
}

/** Done at once, with the way back. Category null gives the choice up. */
export function useRecategorise(onDone: () => void) {
  const { business } = useView();
  const client = useClient();
  const say = useSay();
  const readAgain = useReadAgain(business.id);
  const putParts = usePutParts();
  const put = async (lines: readonly Lined[], category: string | null, kind: LineFragment['kind'] | null, note: string | null) => {
    let changed = 0;
    for (let from = 0; from < lines.length; from += MOST) {
      const transactions = lines.slice(from, from + MOST).map((line) => ({ account: line.account.id, id: line.id }));
      const { recategorise } = await mutate(client, RecategoriseDocument, { business: business.id, transactions, category, kind, note });
      changed += recategorise.changed;
      // A list is read without a position: what it shows has to be there before it is asked again.
      if (recategorise.changed > 0) await readAgain(recategorise.position);
    }
    return changed;
  };
  const undo = useAction(async (lines: readonly Lined[]) => {
    for (const was of before(lines.filter((line) => line.parts.length === 0))) await put(was.lines, was.category, was.kind, null);
    // A choice ended their splits.
    for (const line of lines.filter((line) => line.parts.length > 0)) await putParts(line, line.parts);
    onDone();
  });
  const go = useAction(async (lines: readonly Lined[], category: string | null, note: string, kind: LineFragment['kind'] | null = null) => {
    const changed = await put(lines, category, kind, note.trim() === '' ? null : note.trim());
    const many = changed === 1 ? 'One transaction' : `${formatCount(changed)} transactions`;
    say(category === null ? `${many} decided anew.` : changed === 0 ? `They were ${categoryName(category)} before.` : `${many} under ${categoryName(category)} now.`, changed === 0 ? undefined : () => void undo.run(lines));
    onDone();
  });
  return { go, problem: go.problem ?? undo.problem };
}
