/** "Are we all right, and what changed?": the answer, its evidence, and where to look next. */
import { useData } from '@/shared/api/use-data';
import { SummaryDocument } from '@/shared/graphql/generated';
import { Failure } from '@/shared/ui/states';
import { NoData } from '@/shared/ui/no-data';
import { summaryVariables } from '@/shared/view/resolve';
import { useSetSearch, useView } from '@/shared/view/view';
import { Answer } from './answer';
import { CashSection } from './cash-section';
import { CategoriesSection } from './categories-section';
import { FiguresTable } from './figures-table';
import styles from './home.module.css';
import { RevenueSection } from './revenue-section';
import { WhatChanged } from './what-changed';

export function Home() {
  const view = useView();
  const { business, currency, asOf } = view;
  const set = useSetSearch();
  const { data, problem, at, retry } = useData(SummaryDocument, summaryVariables(view), { live: !asOf, keep: true });
  const summary = data?.business?.summary;
  if (!business.firstDay) return <NoData />;
  return (
    <>
      <h1 className="sr">{business.name}</h1>
      {problem && <Failure problem={problem} at={at} retry={retry} />}
      <Answer summary={summary} />
      {summary && summary.otherCurrencies.length > 0 && (
        <p className={styles.currencies}>
          These figures are in {currency}. There are others, which are never added to them:{' '}
          {summary.otherCurrencies.map((other) => (
            <button key={other} type="button" className="link" onClick={() => set((search) => ({ ...search, currency: other }))}>
              {other}
            </button>
          ))}
        </p>
      )}
      <div className={styles.grid}>
        <CashSection summary={summary} />
        <FiguresTable summary={summary} />
        <RevenueSection />
        <WhatChanged />
        <CategoriesSection side="out" />
        <CategoriesSection side="in" />
      </div>
    </>
  );
}
