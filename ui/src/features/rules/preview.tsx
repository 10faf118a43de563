import { useData } from '@/shared/api/use-data';
import { type RuleInput, RulePreviewDocument, type RulePreviewQuery } from '@/shared/graphql/generated';
import { formatCount, formatMoney } from '@/shared/number/format';
import { formatDay, formatMonth, formatShortDay } from '@/shared/time/moment';
import { Failure, Skeleton } from '@/shared/ui/states';
import { lineTitle } from '@/shared/view/lines';
import { useView } from '@/shared/view/view';
import { categoryName } from '@/shared/view/words';
import styles from './rules.module.css';

type Found = NonNullable<RulePreviewQuery['business']>['rulePreview'];

const FIGURES = 12;
const LINES = 10;

/** Which transactions, and which past figures, the list as given would alter. */
export function Preview({ rules }: { rules: RuleInput[] }) {
  const { business } = useView();
  const { data, problem, previous, retry } = useData(RulePreviewDocument, { business: business.id, rules }, { live: false, keep: true });
  const found = data?.business?.rulePreview;
  if (problem) return <Failure problem={problem} retry={retry} />;
  if (!found) return <Skeleton lines={4} />;
  return (
    <div aria-busy={previous}>
      <p role="status">
        <strong>{found.changed === 0 ? 'Nothing would change' : found.changed === 1 ? 'One transaction would change' : `${formatCount(found.changed)} transactions would change`}</strong>{' '}
        <span className="muted">
          of {formatCount(found.lookedAt)} looked at
          {found.complete || !found.from ? '' : `, those since ${formatDay(found.from)}`}.
        </span>
      </p>
      {found.changed > 0 && (
        <>
          <Lines found={found} />
          <Figures figures={found.figures} />
        </>
      )}
    </div>
  );
}

function Lines({ found }: { found: Found }) {
  const { today } = useView();
  const shown = found.transactions.slice(0, LINES);
  return (
    <>
      <ul className={styles.lines} aria-label="Transactions that would change">
        {shown.map(({ transaction, to }) => (
          <li key={transaction.id}>
            <span className="muted">{formatShortDay(transaction.day, today)}</span>
            <span className={styles.what}>
              {lineTitle(transaction)}
              <span className="muted">
                {' '}
                {categoryName(transaction.category)} → {categoryName(to.category)}
              </span>
            </span>
            <span className="num">{formatMoney(transaction.amount, transaction.currency)}</span>
          </li>
        ))}
      </ul>
      {found.changed > shown.length && <p className="muted">and {formatCount(found.changed - shown.length)} more</p>}
    </>
  );
}

function Figures({ figures }: { figures: Found['figures'] }) {
  const shown = figures.slice(-FIGURES);
  if (shown.length === 0) return null;
  return (
    <table className={styles.figures}>
      <caption>Past figures would move by</caption>
      <tbody>
        {[...shown].reverse().map((figure) => (
          <tr key={figure.month + figure.currency + figure.kind + figure.category}>
            <th scope="row">{formatMonth(figure.month)}</th>
            <td>{categoryName(figure.category)}</td>
            <td className="num">
              {formatMoney(figure.amount, figure.currency, { signed: true })} <span className="muted">{figure.currency}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
