import type { HistoryQuery } from '@/shared/graphql/generated';
import { formatCount } from '@/shared/number/format';
import { formatMoment } from '@/shared/time/moment';
import { EventLink } from '@/shared/ui/event-link';
import { lineDifference } from '@/shared/view/lines';
import { useView } from '@/shared/view/view';
import { CAUSE_NAMES } from '@/shared/view/words';
import { Told } from './told';

type Revision = NonNullable<HistoryQuery['business']>['transactionHistory'][number];

/** What each revision changed; the first one is what arrived. */
export function Revisions({ history }: { history: Revision[] }) {
  const { business } = useView();
  return (
    <ol>
      {history.map((revision, index) => (
        <li key={revision.validFrom}>
          {CAUSE_NAMES[revision.transaction.cause]}, {formatMoment(revision.transaction.event.recordedAt, business.timeZone)},{' '}
          <EventLink position={revision.validFrom}>position {formatCount(revision.validFrom)}</EventLink>: {lineDifference(history[index - 1]?.transaction, revision.transaction)}
          {revision.payloads.length > 0 && (
            <>
              {' · '}
              <Told payloads={revision.payloads} source={revision.transaction.event.source} />
            </>
          )}
        </li>
      ))}
    </ol>
  );
}
