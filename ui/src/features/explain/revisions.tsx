import type { HistoryQuery } from '@/shared/graphql/generated';
import { formatCount, formatMoney } from '@/shared/number/format';
import { formatMoment, formatShortDay } from '@/shared/time/moment';
import { EventLink } from '@/shared/ui/event-link';
import { useView } from '@/shared/view/view';
import { CAUSE_NAMES, categoryName } from '@/shared/view/words';

type Revision = NonNullable<HistoryQuery['business']>['transactionHistory'][number];

/** What differs between two revisions, in words; the first one is what arrived. */
export function differenceOf(before: Revision | undefined, now: Revision): string {
  if (now.removed) return 'taken back by its source';
  const { transaction: line } = now;
  if (!before) return `${formatShortDay(line.day)}, ${formatMoney(line.amount, line.currency)}, ${categoryName(line.category)}`;
  const old = before.transaction;
  const changes = [];
  if (old.amount !== line.amount) changes.push(`${formatMoney(old.amount, old.currency)} → ${formatMoney(line.amount, line.currency)}`);
  if (old.day !== line.day) changes.push(`${formatShortDay(old.day)} → ${formatShortDay(line.day)}`);
  const [were, are] = [old.parts.length, line.parts.length];
  if (are > 0 && JSON.stringify(old.parts) !== JSON.stringify(line.parts)) changes.push(`split in ${are}`);
  if (were > 0 && are === 0) changes.push(`no longer split in ${were}`);
  if (old.category !== line.category) changes.push(`${categoryName(old.category)} → ${categoryName(line.category)}`);
  if (old.description !== line.description) changes.push(`“${old.description ?? ''}” → “${line.description ?? ''}”`);
  return changes.length > 0 ? changes.join(', ') : 'other details changed';
}

export function Revisions({ history }: { history: Revision[] }) {
  const { business } = useView();
  return (
    <ol>
      {history.map((revision, index) => (
        <li key={revision.validFrom}>
          {CAUSE_NAMES[revision.transaction.cause]}, {formatMoment(revision.transaction.event.recordedAt, business.timeZone)},{' '}
          <EventLink position={revision.validFrom}>position {formatCount(revision.validFrom)}</EventLink>: {differenceOf(history[index - 1], revision)}
        </li>
      ))}
    </ol>
  );
}
