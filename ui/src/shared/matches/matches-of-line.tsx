/** What else tells of a transaction's money, where it was found; nothing is shown where nothing was. */
import { useData } from '@/shared/api/use-data';
import { type LineFragment, MatchesDocument } from '@/shared/graphql/generated';
import { Failure } from '@/shared/ui/states';
import { may } from '@/shared/view/roles';
import { useView } from '@/shared/view/view';
import { MatchRow } from './match-row';
import styles from './matches.module.css';
import { useDecide } from './use-decide';

export function MatchesOfLine({ line }: { line: Pick<LineFragment, 'id'> }) {
  const { business } = useView();
  const { data, problem, retry } = useData(MatchesDocument, { business: business.id, transaction: line.id });
  const decide = useDecide(retry);
  const found = data?.business?.matches.nodes;
  if (problem && !found) return <Failure problem={problem} retry={retry} />;
  if (!found || found.length === 0) return null;
  return (
    <section aria-label="The same money elsewhere">
      {decide.problem && <Failure problem={decide.problem} />}
      <ul className={styles.list}>
        {found.map((match) => (
          <MatchRow key={match.id} match={match} decide={may(business.viewerRole, 'manage') ? (decision) => void decide.run(match, decision) : undefined} />
        ))}
      </ul>
    </section>
  );
}
