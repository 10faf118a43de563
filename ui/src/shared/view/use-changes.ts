/** The changes of a figure since a chosen state of knowledge, as Home and Changes both show them. */
import { useData } from '@/shared/api/use-data';
import { type AsOf, BatchesDocument, ChangesDocument, type Metric } from '@/shared/graphql/generated';
import { resolveSince, type Since } from '@/shared/time/since';
import { dayIn } from '@/shared/time/moment';
import { parseAsOf } from './search';
import { useView, type View } from './view';

/** The day on which the reader stands: today, or that of the past view. */
export function standingDay({ asOf, today, business }: View): string {
  if (asOf?.date !== undefined) return asOf.date;
  if (asOf?.moment !== undefined) return dayIn(asOf.moment, business.timeZone);
  return today;
}

export function useChanges(metric: Metric, token: string | undefined) {
  const view = useView();
  const { business, period, currency, asOf } = view;
  const batches = useData(BatchesDocument, { business: business.id, first: 20 }, { pause: token !== 'batch' });
  const newest = batches.data?.business?.batches.nodes[0];
  const waiting = token === 'batch' && !batches.data;
  const since: Since = resolveSince(token, standingDay(view), newest?.firstPosition, business.timeZone, parseAsOf);
  const variables = {
    business: business.id,
    metric,
    period: { from: period.from, to: period.to },
    currency,
    from: since.asOf,
    ...(asOf ? { to: asOf satisfies AsOf } : {}),
  };
  const answer = useData(ChangesDocument, variables, { live: !asOf, keep: true, pause: waiting });
  return { ...answer, since, changes: answer.data?.business?.changes };
}
