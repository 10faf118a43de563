import type { LineFragment } from '@/shared/graphql/generated';
import { formatMoney } from '@/shared/number/format';
import { formatShortDay } from '@/shared/time/moment';
import { categoryName, KIND_NAMES } from './words';

/** What a line is called: its text, else whom it was with, else what it is. */
export function lineTitle({ description, counterparty, category, kind }: Pick<LineFragment, 'description' | 'counterparty' | 'category' | 'kind'>): string {
  return description ?? counterparty ?? (category ? categoryName(category) : KIND_NAMES[kind]);
}

type Told = Pick<LineFragment, 'day' | 'valueDate' | 'pending' | 'amount' | 'currency' | 'category' | 'description'> & { parts: readonly object[] };

/** What differs between a line as it was and as it is, in words; of one that was not there, what arrived. */
export function lineDifference(old: Told | null | undefined, line: Told): string {
  if (!old) return `${formatShortDay(line.day)}, ${formatMoney(line.amount, line.currency)}, ${categoryName(line.category)}`;
  const changes = [];
  if (old.amount !== line.amount) changes.push(`${formatMoney(old.amount, old.currency)} → ${formatMoney(line.amount, line.currency)}`);
  if (old.day !== line.day) changes.push(`${formatShortDay(old.day)} → ${formatShortDay(line.day)}`);
  if (old.pending !== line.pending) changes.push(line.pending ? 'pending again' : 'booked');
  if (old.valueDate !== line.valueDate) changes.push(line.valueDate ? `value date ${formatShortDay(line.valueDate)}` : 'no value date any more');
  const [were, are] = [old.parts.length, line.parts.length];
  if (are > 0 && JSON.stringify(old.parts) !== JSON.stringify(line.parts)) changes.push(`split in ${are}`);
  if (were > 0 && are === 0) changes.push(`no longer split in ${were}`);
  if (old.category !== line.category) changes.push(`${categoryName(old.category)} → ${categoryName(line.category)}`);
  if (old.description !== line.description) changes.push(`“${old.description ?? ''}” → “${line.description ?? ''}”`);
  return changes.length > 0 ? changes.join(', ') : 'other details changed';
}
