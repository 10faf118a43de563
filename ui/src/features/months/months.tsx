/** Months as reports: what was sealed with a signature stays, and what has come for it since stands beside it. */
import { useCallback } from 'react';
import { advance } from '@/shared/api/tick';
import { useData } from '@/shared/api/use-data';
import { MonthsDocument } from '@/shared/graphql/generated';
import { NoData } from '@/shared/ui/no-data';
import { ScreenTitle } from '@/shared/ui/screen';
import { Empty, Failure, Skeleton } from '@/shared/ui/states';
import { useSetSearch, useView } from '@/shared/view/view';
import { MonthRow } from './month-row';
import styles from './months.module.css';

export function Months() {
  const { business, search } = useView();
  const set = useSetSearch();
  const { data, problem, at, retry } = useData(MonthsDocument, { business: business.id });
  const months = data?.business?.months;
  const toggle = useCallback(
    (month: string) => set(({ month: open, ...now }) => (open === month ? now : { ...now, month }), { replace: true }),
    [set],
  );
  /** Whoever wrote reads what they wrote. */
  const changed = useCallback(
    (position?: number) => {
      if (position === undefined) retry();
      else advance(position);
    },
    [retry],
  );
  if (!business.firstDay) return <NoData />;
  return (
    <>
      <ScreenTitle title="Reports">A closed month keeps its figures as they were. What comes for it later stands beside them, never inside.</ScreenTitle>
      {problem && <Failure problem={problem} at={at} retry={retry} />}
      {!months && !problem && <Skeleton lines={10} height={45} />}
      {months?.length === 0 && <Empty title="There is no month yet.">A month can be closed once its last day is over.</Empty>}
      {months && months.length > 0 && (
        <>
          <div className={styles.columns} aria-hidden="true">
            <span>Month</span>
            <span className="num">In</span>
            <span className="num">Out</span>
            <span className="num">Net, {business.baseCurrency}</span>
            <span className="num">Since it was closed</span>
          </div>
          <ol className={styles.months} aria-label="Months, newest first">
            {months.map((month) => (
              <MonthRow key={month.month} month={month} isOpen={search.month === month.month} onToggle={toggle} onChanged={changed} />
            ))}
          </ol>
        </>
      )}
    </>
  );
}
