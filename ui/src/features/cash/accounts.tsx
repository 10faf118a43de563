import { Bar } from '@/shared/charts/bars';
import { balanceOn } from '@/shared/charts/cash-chart';
import { shares } from '@/shared/charts/geometry';
import type { BalancesQuery } from '@/shared/graphql/generated';
import { subtract } from '@/shared/number/decimal';
import { DASH, formatMoney, toneOf } from '@/shared/number/format';
import { addDays } from '@/shared/time/days';
import { Figure } from '@/shared/ui/figure';
import { Skeleton } from '@/shared/ui/states';
import { useView } from '@/shared/view/view';
import styles from './cash.module.css';

type Balances = NonNullable<BalancesQuery['business']>['balances'];

export function Accounts({ balances }: { balances: Balances | undefined }) {
  const { period, currency, today } = useView();
  if (!balances) return <Skeleton lines={4} />;
  const { spans, zero } = shares(balances.accounts.map((one) => one.closing));
  const to = period.to < today ? period.to : today;
  return (
    <table className={styles.accounts}>
      <thead>
        <tr>
          <th scope="col">Account</th>
          <th scope="col" className="num">
            Balance
          </th>
          <th scope="col" className="num">
            In the period
          </th>
          <th aria-hidden="true" className={styles.bars} />
        </tr>
      </thead>
      <tbody>
        {balances.accounts.map(({ account, closing, points }, index) => {
          const moved = closing === null ? null : subtract(closing, balanceOn(points, addDays(period.from, -1)) ?? '0');
          return (
            <tr key={account.id}>
              <th scope="row">{account.name}</th>
              <td className="num">
                <Figure value={closing} currency={currency} position={balances.known.position} label={account.name} door={{ metric: 'BALANCE', from: to, to, account: account.id }} />
              </td>
              <td className={`num ${toneOf(moved, true)}`}>{moved === null ? DASH : formatMoney(moved, currency, { signed: true })}</td>
              <td className={styles.bars}>
                <Bar span={spans[index] ?? null} zero={zero > 0 ? zero : undefined} />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
