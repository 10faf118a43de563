/** Parts while they are written: amounts as typed, without sign, since money goes the same way in all of them. */
import type { HistoryQuery, Kind, LineFragment } from '@/shared/graphql/generated';
import { absolute, add, compare, isNegative, isZero, negate, subtract, sum } from '@/shared/number/decimal';

export type Part = LineFragment['parts'][number];
type Revision = NonNullable<HistoryQuery['business']>['transactionHistory'][number];

export const LEAST_PARTS = 2;
export const MOST_PARTS = 20;

export interface Draft {
  id: number;
  amount: string;
  category: string;
  /** Of a category of one's own, which says nothing about it. */
  kind: Kind | null;
  note: string;
}

export const emptyDraft = (id: number): Draft => ({ id, amount: '', category: '', kind: null, note: '' });

/** What a split begins with: the parts there are, else the whole's own category and room for another. */
export function draftsOf({ parts, category, decision }: Pick<LineFragment, 'parts' | 'category' | 'decision'>): Draft[] {
  if (parts.length > 0) {
    return parts.map((part, id) => ({ id, amount: absolute(part.amount), category: part.category, kind: part.kind, note: part.note ?? '' }));
  }
  const known = decision.basis === 'DEFAULT' ? '' : category;
  return [{ ...emptyDraft(0), category: known }, emptyDraft(1)];
}

/** The exact decimal that somebody typed, with a comma or a point; null where it is none, or not above zero. */
export function typed(text: string): string | null {
  const plain = text.trim().replace(',', '.');
  return /^\d+(\.\d+)?$/.test(plain) && !isZero(plain) ? plain : null;
}

/** What of the transaction is in no part yet; below zero where the parts are more than it. */
export function remaining(whole: string, drafts: readonly Draft[]): string {
  return subtract(absolute(whole), sum(drafts.map((draft) => typed(draft.amount) ?? '0')));
}

/** The draft with everything that is left, or `null` where that would leave it nothing. */
export function withTheRest(whole: string, drafts: readonly Draft[], draft: Draft): string | null {
  const amount = add(typed(draft.amount) ?? '0', remaining(whole, drafts));
  return compare(amount, '0') > 0 ? amount : null;
}

/** As the server takes them; null while they are not the transaction. */
export function partsOf(whole: string, drafts: readonly Draft[], kindOf: (category: string) => Kind | undefined): Part[] | null {
  if (drafts.length < LEAST_PARTS || !isZero(remaining(whole, drafts))) return null;
  const parts = [];
  for (const { amount, category, kind, note } of drafts) {
    const exact = typed(amount);
    const means = kindOf(category) ?? kind;
    if (exact === null || category === '' || !means) return null;
    parts.push({ amount: isNegative(whole) ? negate(exact) : exact, category, kind: means, note: note.trim() === '' ? null : note.trim() });
  }
  return parts;
}

/** What of a transaction counts in a figure of these kinds and this category. */
export function countedOf(line: Pick<LineFragment, 'amount' | 'parts'>, { kinds, category }: { kinds?: readonly Kind[] | undefined; category?: string | undefined }): string {
  if (line.parts.length === 0) return line.amount;
  const counted = line.parts.filter((part) => (!kinds || kinds.includes(part.kind)) && (category === undefined || part.category === category));
  return counted.length === line.parts.length ? line.amount : sum(counted.map((part) => part.amount));
}

/** The split that ended because the source said another amount, where nobody decided anything since. */
export function endedBy(history: readonly Revision[]): { before: Revision['transaction']; now: Revision['transaction'] } | null {
  const last = history.findLastIndex((revision) => revision.transaction.parts.length > 0);
  const [before, now] = [history[last]?.transaction, history[last + 1]?.transaction];
  if (last < 0 || !before || !now || compare(before.amount, now.amount) === 0) return null;
  const decidedSince = history.slice(last + 1).some((revision) => revision.transaction.cause === 'RECATEGORISED');
  return decidedSince ? null : { before, now };
}
