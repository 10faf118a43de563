/** The changes of a figure since a chosen state of knowledge, as Home and Changes both show them. */
import { useData } from '@/shared/api/use-data';
import { BatchesDocument, ChangesDocument, KnownAtDocument, type Metric } from '@/shared/graphql/generated';
import { resolveSince, type Since } from '@/shared/time/since';
import { dayIn } from '@/shared/time/moment';
import { parseAsOf } from './search';
import { useView, type View } from './view';

/** The day on which the reader stands: today, or that of the past view; undefined while it is asked for. */
function useStandingDay({ asOf, today, business }: View): string | undefined {
  const position = asOf?.position;
  const { data } = useData(KnownAtDocument, { id: business.id, ...(asOf ? { asOf } : {}) }, { live: false, pause: position === undefined });
  if (asOf?.date !== undefined) return asOf.date;
  const moment = asOf?.moment ?? (position === undefined ? undefined : data?.business?.known.at);
  if (moment) return dayIn(moment, business.timeZone);
  return position === undefined || data ? today : undefined;
}

export function useChanges(metric: Metric, token: string | undefined) {
  const view = useView();
  const { business, period, asked, asOf } = view;
  const day = useStandingDay(view);
  const batches = useData(BatchesDocument, { business: business.id, first: 20 }, { pause: token !== 'batch' });
  const last = asOf?.position ?? Number.MAX_SAFE_INTEGER;
  const newest = batches.data?.business?.batches.nodes.find((batch) => batch.firstPosition <= last);
  const waiting = day === undefined || (token === 'batch' && !batches.data);
  const since: Since = resolveSince(token, day ?? view.today, newest?.firstPosition, business.timeZone, parseAsOf);
  const variables = {
    business: business.id,
    metric,
    period: { from: period.from, to: period.to },
    currency: asked,
    from: since.asOf,
    ...(asOf ? { to: asOf } : {}),
  };
  const answer = useData(ChangesDocument, variables, { live: !asOf, keep: true, pause: waiting });
  return { ...answer, since, changes: answer.data?.business?.changes };
}
