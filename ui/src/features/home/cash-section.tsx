import { useCallback, useMemo } from 'react';
import { useData } from '@/shared/api/use-data';
import { CashChart } from '@/shared/charts/cash-chart';
import { BalancesDocument } from '@/shared/graphql/generated';
import { formatRunway } from '@/shared/number/format';
import { addDays, earlier } from '@/shared/time/days';
import { rangeToken } from '@/shared/time/period';
import { Figure } from '@/shared/ui/figure';
import { Section } from '@/shared/ui/section';
import { Failure } from '@/shared/ui/states';
import { useSetSearch, useView } from '@/shared/view/view';
import styles from './home.module.css';
import type { SummaryData } from './sentence';

const DAYS_BACK = 90;

export function CashSection({ summary }: { summary: SummaryData | undefined }) {
  const { business, currency, asked, asOf, period, today } = useView();
  const set = useSetSearch();
  const last = earlier(period.to, today);
  const range = useMemo(() => ({ from: addDays(last, -DAYS_BACK), to: last }), [last]);
  const variables = { business: business.id, period: range, currency: asked, ...(asOf ? { asOf } : {}) };
  const { data, problem, at, retry } = useData(BalancesDocument, variables, { live: !asOf, keep: true });
  const balances = data?.business?.balances;
  const runway = summary?.figures.find((one) => one.metric === 'RUNWAY');
  const total = balances?.total.at(-1)?.balance;
  const onRange = useCallback((from: string, to: string) => set((search) => ({ ...search, period: rangeToken(from, to) })), [set]);
  const count = balances?.accounts.length ?? 0;
  return (
    <Section
      id="cash"
      title={
        <>
          Cash{' '}
          <span className={styles.headline}>
            <Figure
              value={total}
              currency={currency}
              style="whole"
              position={balances?.known.position}
              door={{ metric: 'BALANCE', from: range.to, to: range.to }}
            />
          </span>
          {!summary && (
            <span className={`${styles.second} ${styles.held}`} aria-hidden="true">
              22.2 months of runway
            </span>
          )}
          {runway?.value && (
            <span className={styles.second}>
              <Figure value={runway.value} unit="MONTHS" door={{ metric: 'RUNWAY' }} position={summary?.known.position}>
                {formatRunway(runway.value)}
              </Figure>{' '}
              of runway
            </span>
          )}
        </>
      }
      note={`${currency}, ${count === 1 ? 'one account' : `${count} accounts`} · ${DAYS_BACK} days back`}
    >
      {problem && <Failure problem={problem} at={at} retry={retry} />}
      <CashChart balances={balances} today={today} height={232} onRange={onRange} />
    </Section>
  );
}
