/** Says of a match whether it is one. */
import { useClient } from 'urql';
import { mutate } from '@/shared/api/mutate';
import { advance } from '@/shared/api/tick';
import { useAction } from '@/shared/api/use-action';
import { DecideMatchDocument, type MatchDecision } from '@/shared/graphql/generated';
import { useSay } from '@/shared/ui/notice';
import { useView } from '@/shared/view/view';
import type { Match } from './words';

export function useDecide(decided: () => void) {
  const { business } = useView();
  const client = useClient();
  const say = useSay();
  return useAction(async (match: Match, decision: MatchDecision) => {
    const { decideMatch } = await mutate(client, DecideMatchDocument, { business: business.id, id: match.id, decision });
    advance(decideMatch.position);
    decided();
    say(decision === 'ACCEPT' ? 'Counted once from now on.' : 'Each counts for itself again.');
  });
}
