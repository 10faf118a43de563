import { Link } from '@tanstack/react-router';
import type { MonthFiguresFragment, MonthRowFragment } from '@/shared/graphql/generated';
import { DASH, formatCount, formatFull, formatMoney, MINUS } from '@/shared/number/format';
import { useView } from '@/shared/view/view';
import { KIND_NAMES } from '@/shared/view/words';
import styles from './months.module.css';
import { linesOf, type Total, totals } from './totals';

/** The month by kind, one table per currency; beside what was sealed stands what has come since. */
export function MonthFigures({ month, name }: { month: MonthRowFragment; name: string }) {
  const { business } = useView();
  const sums = totals([...month.figures, ...month.differences], business.baseCurrency);
  if (sums.length === 0) return <p className="muted">Nothing stands in it.</p>;
  return sums.map(({ currency }) => <OfCurrency key={currency} month={month} name={name} currency={currency} />);
}

function OfCurrency({ month, name, currency }: { month: MonthRowFragment; name: string; currency: string }) {
  const { business } = useView();
  const since = month.differences.some((one) => one.currency === currency);
  const lines = linesOf(month.figures, month.differences, currency);
  const total = totals(month.figures, currency).find((one) => one.currency === currency);
  const moved = totals(month.differences, currency).find((one) => one.currency === currency);
  const search = { period: month.month, figure: 'NET', since: `p${month.position ?? 0}`, currency };
  return (
    <div className={styles.tableBox} tabIndex={0} role="region" aria-label={`Figures of ${name} in ${currency}`}>
      <table className={styles.figures}>
        <thead>
          <tr>
            <th scope="col">{currency}</th>
            <th scope="col" className="num">In</th>
            <th scope="col" className="num">Out</th>
            <th scope="col" className="num">{since ? 'Net, as closed' : 'Net'}</th>
            <th scope="col" className="num">Lines</th>
            {since && <th scope="col" className="num">Since</th>}
            {since && <th scope="col" className="num">Lines</th>}
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.kind}>
              <th scope="row">{KIND_NAMES[line.kind]}</th>
              <Cells of={line.sealed} currency={currency} />
              {since && <Moved of={line.since} currency={currency} />}
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">All</th>
            <Cells of={total} currency={currency} />
            {since && <Moved of={moved} currency={currency} />}
          </tr>
        </tfoot>
      </table>
      {since && (
        <p className={styles.meta}>
          <Link to="/b/$business/changes" params={{ business: business.id }} search={search as never} className="link">
            What came since, line by line
          </Link>
        </p>
      )}
    </div>
  );
}

type Sums = Pick<Total, 'in' | 'out' | 'net' | 'count'> | MonthFiguresFragment | undefined;

function Cells({ of, currency }: { of: Sums; currency: string }) {
  const cell = (value: string | undefined, quiet: boolean) => (
    <td className={quiet ? 'num muted' : 'num'} data-tip={value === undefined ? 'nothing was there when it was closed' : formatFull(value, currency)}>
      {value === undefined ? DASH : formatMoney(value, currency)}
    </td>
  );
  return (
    <>
      {cell(of?.in, true)}
      {cell(of?.out, true)}
      {cell(of?.net, false)}
      <td className="num muted">{of ? formatCount(of.count) : DASH}</td>
    </>
  );
}

const signedCount = (count: number): string => (count > 0 ? `+${formatCount(count)}` : count < 0 ? `${MINUS}${formatCount(-count)}` : '0');

function Moved({ of, currency }: { of: Sums; currency: string }) {
  return (
    <>
      <td className={`num ${of ? styles.moved : 'muted'}`}>{of ? formatMoney(of.net, currency, { signed: true }) : DASH}</td>
      <td className="num muted">{of ? signedCount(of.count) : DASH}</td>
    </>
  );
}
