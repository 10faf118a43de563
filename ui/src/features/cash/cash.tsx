/** Balances: how much is there, where, and how it moved in the period. */
import { useCallback, useMemo } from 'react';
import { useData } from '@/shared/api/use-data';
import { CashChart } from '@/shared/charts/cash-chart';
import { BalancesDocument } from '@/shared/graphql/generated';
import { addDays, earlier } from '@/shared/time/days';
import { formatDays, periodLabel, rangeToken } from '@/shared/time/period';
import { Figure } from '@/shared/ui/figure';
import { NoData } from '@/shared/ui/no-data';
import { Part, ScreenTitle } from '@/shared/ui/screen';
import { Section } from '@/shared/ui/section';
import { Failure } from '@/shared/ui/states';
import { useOpenDoor, useSetSearch, useView } from '@/shared/view/view';
import { Accounts } from './accounts';
import { CashFlow } from './cash-flow';

export function Cash() {
  const { business, currency, asked, asOf, period, today } = useView();
  const set = useSetSearch();
  const open = useOpenDoor();
  const last = earlier(period.to, today);
  // A month is too short to see a balance move: the chart always reaches back 90 days or more.
  const range = useMemo(() => ({ from: earlier(period.from, addDays(last, -90)), to: last }), [period.from, last]);
  const variables = { business: business.id, period: range, currency: asked, ...(asOf ? { asOf } : {}) };
  const { data, problem, at, retry } = useData(BalancesDocument, variables, { live: !asOf, keep: true });
  const balances = data?.business?.balances;
  const onRange = useCallback((from: string, to: string) => set((search) => ({ ...search, period: rangeToken(from, to) })), [set]);
  const onPick = useCallback((day: string) => open({ metric: 'BALANCE', from: day, to: day }), [open]);
  if (!business.firstDay) return <NoData />;
  return (
    <>
      <ScreenTitle
        title={
          <>
            Cash{' '}
            <Figure
              value={balances?.total.at(-1)?.balance}
              currency={currency}
              position={balances?.known.position}
              door={{ metric: 'BALANCE', from: last, to: last }}
              strong
            />
          </>
        }
      >
        {currency}, end of {formatDays(last, last, today)}
      </ScreenTitle>
      <Part>
        <Section id="balance" title="Balance by day" note={`${currency} · ${formatDays(range.from, range.to, today)} · drag to choose days, click a day to open it`}>
          {problem && <Failure problem={problem} at={at} retry={retry} />}
          <CashChart balances={balances} today={today} height={280} accounts onRange={onRange} onPick={onPick} />
        </Section>
      </Part>
      <Part>
        <Section id="accounts" title="Accounts" note={`${currency}, ${periodLabel(period, today)}`}>
          <Accounts balances={balances} />
        </Section>
      </Part>
      <Part>
        <CashFlow />
      </Part>
    </>
  );
}
