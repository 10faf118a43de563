import { Link } from '@tanstack/react-router';
import { isZero } from '@/shared/number/decimal';
import { formatMany, formatMoney } from '@/shared/number/format';
import type { MatchDecision } from '@/shared/graphql/generated';
import { formatDay } from '@/shared/time/moment';
import { rangeToken } from '@/shared/time/period';
import { keepTime } from '@/shared/view/search';
import { useSetSearch, useView } from '@/shared/view/view';
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
          {match.sum && <SumOfMatch sum={match.sum} currency={match.currency} />}
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

/** What a payout is the sum of; opens to exactly these where its provider says which they are. */
function SumOfMatch({ sum, currency }: { sum: NonNullable<Match['sum']>; currency: string }) {
  const { business, search } = useView();
  const fees = isZero(sum.fees) ? '' : `, fees ${formatMoney(sum.fees, currency)}`;
  const words = `${formatMany(sum.count, 'transaction')} of ${formatMoney(sum.gross, currency)}${fees}`;
  return (
    <p>
      {sum.payout ? (
        <Link
          to="/b/$business/transactions"
          params={{ business: business.id }}
          search={{ ...keepTime(search), currency, period: rangeToken(sum.from, sum.to), inpayout: sum.payout } as never}
          className="link"
        >
          {words}
        </Link>
      ) : (
        <span className="muted">{words}</span>
      )}
      {!isZero(sum.difference) && <span className="muted"> · {formatMoney(sum.difference, currency)} of it is not known here</span>}
    </p>
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
