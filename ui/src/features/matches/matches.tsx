/** The same money seen twice: what is likely waits for somebody to say, what stands can be undone. */
import { useEffect, useState } from 'react';
import { useData } from '@/shared/api/use-data';
import { MatchesDocument, type MatchState } from '@/shared/graphql/generated';
import { MatchRow } from '@/shared/matches/match-row';
import styles from '@/shared/matches/matches.module.css';
import { useDecide } from '@/shared/matches/use-decide';
import { formatCount } from '@/shared/number/format';
import { ScreenTitle } from '@/shared/ui/screen';
import { Section } from '@/shared/ui/section';
import { Failure, Skeleton } from '@/shared/ui/states';
import { may } from '@/shared/view/roles';
import { useView } from '@/shared/view/view';

const PARTS: readonly { id: string; title: string; states: MatchState[]; none: string }[] = [
  { id: 'proposed', title: 'For you to say', states: ['PROPOSED'], none: 'Nothing waits for you.' },
  { id: 'standing', title: 'Counted once', states: ['APPLIED', 'ACCEPTED'], none: 'No money was seen twice yet.' },
  { id: 'refused', title: 'Not the same money', states: ['REFUSED'], none: 'You refused nothing.' },
];

export function Matches() {
  const [round, setRound] = useState(0);
  return (
    <>
      <ScreenTitle title="Matches">
        A transfer, a payout or a sale is told by each account that it passes. It is counted once; here is what was taken for the same money, and why.
      </ScreenTitle>
      {PARTS.map((part) => (
        <Part key={part.id} {...part} round={round} decided={() => setRound((now) => now + 1)} />
      ))}
    </>
  );
}

interface PartProps {
  id: string;
  title: string;
  states: MatchState[];
  none: string;
  /** With each decision a match may leave one part for another. */
  round: number;
  decided: () => void;
}

function Part({ id, title, states, none, round, decided }: PartProps) {
  const { business } = useView();
  const [pages, setPages] = useState<(string | undefined)[]>([undefined]);
  const after = pages.at(-1);
  const { data, problem, at, retry } = useData(MatchesDocument, { business: business.id, states, after }, { live: false });
  useEffect(() => {
    if (round > 0) retry();
  }, [round, retry]);
  const decide = useDecide(decided);
  const found = data?.business?.matches;
  const { endCursor } = found?.pageInfo ?? {};
  return (
    <Section id={`matches-${id}`} title={id === 'proposed' && found ? `${title} (${formatCount(found.proposed)})` : title}>
      {problem && <Failure problem={problem} at={at} retry={retry} />}
      {decide.problem && <Failure problem={decide.problem} />}
      {!found && !problem && <Skeleton lines={3} height={45} />}
      {found?.nodes.length === 0 && pages.length === 1 && <p className={`muted ${styles.none}`}>{none}</p>}
      <ul className={styles.list} aria-labelledby={`matches-${id}`}>
        {found?.nodes.map((match) => (
          <MatchRow key={match.id} match={match} decide={may(business.viewerRole, 'manage') ? (decision) => void decide.run(match, decision) : undefined} />
        ))}
      </ul>
      {pages.length > 1 && (
        <button type="button" className="link" onClick={() => setPages((now) => now.slice(0, -1))}>
          Newer
        </button>
      )}{' '}
      {found?.pageInfo.hasNextPage && endCursor && (
        <button type="button" className="link" onClick={() => setPages((now) => [...now, endCursor])}>
          Older
        </button>
      )}
    </Section>
  );
}
