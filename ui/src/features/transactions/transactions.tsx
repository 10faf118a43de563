/** Every line of the period: filtered, searched, walked by keys, opened to its event. */
import { useLineList } from '@/shared/api/use-lines';
import type { TransactionsQueryVariables } from '@/shared/graphql/generated';
import { formatCount } from '@/shared/number/format';
import { periodLabel } from '@/shared/time/period';
import { NoData } from '@/shared/ui/no-data';
import { may } from '@/shared/view/roles';
import { LineList } from '@/shared/lines/line-list';
import { ScreenTitle } from '@/shared/ui/screen';
import { Empty, Failure } from '@/shared/ui/states';
import { BASE, ofLines } from '@/shared/view/resolve';
import { useSetSearch, useView } from '@/shared/view/view';
import { BulkBar } from './bulk-bar';
import { Filters } from './filters';
import styles from './transactions.module.css';
import { useChosen } from './use-chosen';

export function Transactions() {
  const view = useView();
  const { business, period, currency, asOf, search, today } = view;
  const set = useSetSearch();
  const variables: TransactionsQueryVariables = {
    business: business.id,
    period: { from: period.from, to: period.to },
    ...ofLines(view),
    order: search.largest ? 'AMOUNT' : 'DAY',
    ...(search.q ? { search: search.q } : {}),
    ...(search.incategory ? { category: search.incategory } : {}),
    ...(search.inaccount ? { account: search.inaccount } : {}),
    ...(search.inpayout ? { payout: search.inpayout } : {}),
    ...(search.kind ? { kinds: [search.kind] } : {}),
    ...(asOf ? { asOf } : {}),
  };
  const found = useLineList(variables, { live: !asOf });
  // What is past is only looked at.
  const changes = may(business.viewerRole, 'manage') && !asOf;
  const chosen = useChosen(JSON.stringify(variables), found);
  const filtered = Boolean(search.q ?? search.incategory ?? search.inaccount ?? search.inpayout ?? search.kind);
  if (!business.firstDay) return <NoData />;
  return (
    <>
      <ScreenTitle title="Transactions">
        {view.asked === BASE ? 'All currencies' : currency}, {periodLabel(period, today)}
        {found.count > 0 && ` · ${formatCount(found.count)}${found.hasNext ? ' and more' : ''}`}
      </ScreenTitle>
      <Filters />
      {found.problem && found.count === 0 && <Failure problem={found.problem} retry={found.retry} />}
      {chosen.problem && <Failure problem={chosen.problem} />}
      <p className={styles.news} role="status">
        {found.outdated && (
          <button type="button" className="link" onClick={found.refresh}>
            Something arrived since these lines were read. Show it
          </button>
        )}
      </p>
      {!found.loading && found.count === 0 && !found.problem ? (
        <Empty
          title={filtered ? 'No line fits these filters.' : `No lines in ${periodLabel(period, today)}.`}
          action={
            filtered ? (
              <button
                type="button"
                className="link"
                onClick={() => set(({ q: _q, incategory: _c, inaccount: _a, inpayout: _p, kind: _k, ...rest }) => rest)}
              >
                Take the filters off
              </button>
            ) : undefined
          }
        >
          {filtered ? 'Nothing is hidden otherwise: these are all lines of the period.' : 'Choose another period above.'}
        </Empty>
      ) : (
        <LineList found={found} choosing={changes ? chosen.choosing : undefined} />
      )}
      {chosen.chosen.length > 0 && changes && (
        <BulkBar
          chosen={chosen.chosen}
          onDone={() => {
            chosen.clear();
            found.refresh();
          }}
          onClear={chosen.clear}
        />
      )}
    </>
  );
}
