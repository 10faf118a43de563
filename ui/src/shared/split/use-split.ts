import { useClient } from 'urql';
import { mutate } from '@/shared/api/mutate';
import { useAction } from '@/shared/api/use-action';
import { useReadAgain } from '@/shared/api/use-head';
import { type LineFragment, SplitTransactionDocument, UnsplitTransactionDocument } from '@/shared/graphql/generated';
import { useSay } from '@/shared/ui/notice';
import { useView } from '@/shared/view/view';
import type { Part } from './drafts';

/** Puts the parts of a transaction, or none, in place of those that stand. */
export function usePutParts() {
  const { business } = useView();
  const client = useClient();
  const readAgain = useReadAgain(business.id);
  return async (line: Pick<LineFragment, 'id' | 'account'>, parts: readonly Part[]) => {
    const of = { business: business.id, account: line.account.id, transaction: line.id };
    const given = parts.map(({ amount, category, kind, note }) => ({ amount, category, kind, note }));
    const position =
      parts.length > 0
        ? (await mutate(client, SplitTransactionDocument, { ...of, parts: given })).splitTransaction.position
        : (await mutate(client, UnsplitTransactionDocument, of)).unsplitTransaction.position;
    if (position > 0) await readAgain(position);
  };
}

/** Done at once, with the way back. */
export function useSplit(line: Pick<LineFragment, 'id' | 'account' | 'parts'>, onDone: () => void) {
  const say = useSay();
  const put = usePutParts();
  const undo = useAction(async (was: readonly Part[]) => {
    await put(line, was);
    onDone();
  });
  const go = useAction(async (parts: readonly Part[]) => {
    const was = line.parts;
    await put(line, parts);
    say(parts.length > 0 ? `Split in ${parts.length}.` : 'No longer split.', () => void undo.run(was));
    onDone();
  });
  return { go, problem: go.problem ?? undo.problem };
}
