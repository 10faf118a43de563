import type { HistoryQuery } from '@/shared/graphql/generated';
import { formatCount } from '@/shared/number/format';
import { formatMoment } from '@/shared/time/moment';
import { EventLink } from '@/shared/ui/event-link';
import { lineDifference } from '@/shared/view/lines';
import { useView } from '@/shared/view/view';
import { CAUSE_NAMES } from '@/shared/view/words';
import { Told } from './told';

type Revision = NonNullable<HistoryQuery['business']>['transactionHistory'][number];

/** What a revision changed; the first one is what arrived. */
function differenceOf(before: Revision | undefined, now: Revision): string {
  return now.removed ? 'taken back by its source' : lineDifference(before?.transaction, now.transaction);
}

export function Revisions({ history }: { history: Revision[] }) {
  const { business } = useView();
  return (
    <ol>
      {history.map((revision, index) => (
        <li key={revision.validFrom}>
          {CAUSE_NAMES[revision.transaction.cause]}, {formatMoment(revision.transaction.event.recordedAt, business.timeZone)},{' '}
          <EventLink position={revision.validFrom}>position {formatCount(revision.validFrom)}</EventLink>: {differenceOf(history[index - 1], revision)}
          {revision.payloads.length > 0 && (
            <>
              {' · '}
              <Told revision={revision} />
            </>
          )}
        </li>
      ))}
    </ol>
  );
}
