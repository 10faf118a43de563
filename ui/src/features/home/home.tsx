/** "Are we all right, and what changed?": the answer, its evidence, and where to look next. */
import { useData } from '@/shared/api/use-data';
import { CompleteLine } from '@/shared/completeness/complete-line';
import { SummaryDocument } from '@/shared/graphql/generated';
import { LacksRate } from '@/shared/ui/lacks-rate';
import { Failure } from '@/shared/ui/states';
import { NoData } from '@/shared/ui/no-data';
import { summaryVariables } from '@/shared/view/resolve';
import { useView } from '@/shared/view/view';
import { Answer } from './answer';
import { CashSection } from './cash-section';
import { CategoriesSection } from './categories-section';
import { ClosedMonths } from './closed-months';
import { Currencies } from './currencies';
import { FiguresTable } from './figures-table';
import styles from './home.module.css';
import { RevenueSection } from './revenue-section';
import { WhatChanged } from './what-changed';

export function Home() {
  const view = useView();
  const { business, asOf } = view;
  const { data, problem, previous, at, retry } = useData(SummaryDocument, summaryVariables(view), { live: !asOf, keep: true });
  const summary = data?.business?.summary;
  if (!business.firstDay) return <NoData />;
  return (
    <div className={styles.all} aria-busy={previous || undefined}>
      <h1 className="sr">{business.name}</h1>
      {problem && <Failure problem={problem} at={at} retry={retry} />}
      <Answer summary={summary} />
      <CompleteLine className={styles.complete} />
      <ClosedMonths />
      <Currencies />
      <LacksRate lacking={summary?.lacking} />
      <div className={styles.grid}>
        <CashSection summary={summary} />
        <FiguresTable summary={summary} />
        <RevenueSection />
        <WhatChanged />
        <CategoriesSection side="out" />
        <CategoriesSection side="in" />
      </div>
    </div>
  );
}
