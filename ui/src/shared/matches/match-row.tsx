import { formatMoney } from '@/shared/number/format';
import type { MatchDecision } from '@/shared/graphql/generated';
import { formatDay } from '@/shared/time/moment';
import { useSetSearch } from '@/shared/view/view';
import { categoryName } from '@/shared/view/words';
import styles from './matches.module.css';
import { type Leg, legName, type Match, RELATIONS, STATES } from './words';

interface Props {
  match: Match;
  decide: ((decision: MatchDecision) => void) | undefined;
}

/** Opens to the chain: what goes on counting first, then what is told of the same money elsewhere. */
export function MatchRow({ match, decide }: Props) {
  const [first] = match.legs;
  const stands = match.state === 'APPLIED' || match.state === 'ACCEPTED';
  return (
    <li>
      <details open={match.state === 'PROPOSED'}>
        <summary className={styles.row}>
          <span className={styles.name}>
            <b>{RELATIONS[match.relation]}</b>
            <small>{first ? legName(first) : ''}</small>
          </span>
          <span className={styles.when}>
            {formatDay(match.day)}
            <small>
              {STATES[match.state]} · {match.certainty} %
            </small>
          </span>
          <span className="num">{formatMoney(match.amount, match.currency)}</span>
        </summary>
        <div className={styles.found}>
          <ol className={styles.chain} aria-label="The same money">
            {match.legs.map((leg) => (
              <ChainLeg key={leg.id} leg={leg} />
            ))}
          </ol>
          <p className="muted">{match.evidence.join(' ')}</p>
          {decide && (
            <p className={styles.choices}>
              {match.state !== 'ACCEPTED' && (
                <button type="button" className="link" onClick={() => decide('ACCEPT')}>
                  It is the same money
                </button>
              )}
              {match.state !== 'REFUSED' && (
                <button type="button" className="link" onClick={() => decide('REFUSE')}>
                  {stands ? 'Undo: it is not the same money' : 'It is not the same money'}
                </button>
              )}
            </p>
          )}
        </div>
      </details>
    </li>
  );
}

function ChainLeg({ leg }: { leg: Leg }) {
  const set = useSetSearch();
  const { transaction } = leg;
  return (
    <li>
      <span>
        {transaction ? (
          <button type="button" className="link" onClick={() => set((now) => ({ ...now, tx: transaction.id }))}>
            {legName(leg)}
          </button>
        ) : (
          legName(leg)
        )}
        <small>
          {leg.account?.name ?? 'An account that is gone'}
          {transaction && ` · ${formatDay(transaction.day)}`} · {leg.category ? `told as ${categoryName(leg.category).toLowerCase()}` : 'counts'}
        </small>
      </span>
      {transaction && <span className="num">{formatMoney(transaction.amount, transaction.currency)}</span>}
    </li>
  );
}
