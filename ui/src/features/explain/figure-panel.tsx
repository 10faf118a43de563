import { useData } from '@/shared/api/use-data';
import { CompleteLine } from '@/shared/completeness/complete-line';
import { ExplainDocument, type Metric } from '@/shared/graphql/generated';
import { formatCount, formatFigure, formatFull } from '@/shared/number/format';
import { resolvePeriod, formatDays, periodLabel } from '@/shared/time/period';
import { formatMoment } from '@/shared/time/moment';
import { useMarked } from '@/shared/ui/figure';
import { PanelTitle } from '@/shared/ui/side-panel';
import { LacksRate } from '@/shared/ui/lacks-rate';
import { Failure, Skeleton } from '@/shared/ui/states';
import { useSetSearch, useView } from '@/shared/view/view';
import { categoryName, METRIC_NAMES, metricUnit } from '@/shared/view/words';
import { FigureLines } from './figure-lines';
import { KnownOverTime } from './known-over-time';
import styles from './panel.module.css';
import { Originals } from './originals';
import { Parts } from './parts';

/** One figure: its value, how it is made, its parts, its transactions, and how it was known before. */
export function FigurePanel({ metric }: { metric: Metric }) {
  const { business, search, currency, asked, asOf, period: screenPeriod, today, standing } = useView();
  const set = useSetSearch();
  const period = search.of ? resolvePeriod(search.of, business, standing) : screenPeriod;
  const { category, account } = search;
  const variables = {
    business: business.id,
    metric,
    period: { from: period.from, to: period.to },
    currency: asked,
    ...(account ? { account } : {}),
    ...(category !== undefined ? { category } : {}),
    ...(asOf ? { asOf } : {}),
  };
  const { data, problem, at, retry } = useData(ExplainDocument, variables, { live: !asOf });
  const explained = data?.business?.explain;
  const accountName = business.accounts.find((one) => one.id === account)?.name;
  const narrowed = [category !== undefined ? categoryName(category) : undefined, accountName].filter(Boolean).join(', ');
  // Cut where it was running as of the view: the figure's transactions are of these days.
  const { from, to } = explained?.period ?? period;
  const label = metric === 'BALANCE' ? `end of ${formatDays(to, to, today)}` : periodLabel({ ...period, from, to, running: period.running || to < period.to }, today);
  return (
    <>
      <PanelTitle
        path={
          narrowed && (
            <>
              <button type="button" className="link" onClick={() => set(({ category: _c, account: _a, tx: _t, ...rest }) => rest)}>
                {METRIC_NAMES[metric]}
              </button>
              {' › '}
              {narrowed}
            </>
          )
        }
      >
        {narrowed || METRIC_NAMES[metric]}, {label}
      </PanelTitle>
      {problem && <Failure problem={problem} at={at} retry={retry} />}
      {!explained && !problem && <PanelSkeleton />}
      {explained && (
        <>
          <Value value={explained.figure.value} unit={explained.figure.unit ?? metricUnit(metric)} currency={explained.figure.currency ?? currency} reason={explained.figure.reason} />
          <p className={styles.meta}>
            {formatCount(explained.transactionCount)} transactions · as of position {formatCount(explained.known.position)}
            {explained.known.at ? `, ${formatMoment(explained.known.at, business.timeZone)}` : ''}
          </p>
          <p className={styles.formula}>{explained.formula}</p>
          <CompleteLine account={account} className={styles.meta} />
          <LacksRate lacking={explained.lacking} />
          <Parts metric={metric} parts={explained.parts} currency={explained.figure.currency ?? currency} />
          {explained.originals.some((one) => one.currency !== currency) && (
            <Originals metric={metric} from={from} to={to} originals={explained.originals} currency={currency} />
          )}
          <FigureLines metric={metric} from={from} to={to} count={explained.transactionCount} />
          <KnownOverTime metric={metric} history={explained.history} unit={explained.figure.unit} currency={explained.figure.currency ?? currency} />
        </>
      )}
    </>
  );
}

interface ValueProps {
  value: string | null;
  unit: 'MONEY' | 'RATIO' | 'MONTHS' | 'COUNT';
  currency: string;
  reason: string | null;
}

function Value({ value, unit, currency, reason }: ValueProps) {
  const marked = useMarked(value);
  // Every digit that is kept: an amount may have more than its currency shows.
  const exact = value !== null && unit === 'MONEY' ? formatFull(value, currency).replace(` ${currency}`, '') : formatFigure(value, unit, currency);
  const suffix = unit === 'MONEY' ? currency : unit === 'MONTHS' ? 'months' : '';
  return (
    <p className={styles.value}>
      <span data-marked={marked || undefined}>{exact}</span>
      {value === null ? <small className={styles.reason}>{reason ?? 'undefined'}</small> : <small>{suffix}</small>}
    </p>
  );
}

function PanelSkeleton() {
  return (
    <div role="status" aria-busy="true" aria-label="Loading">
      <div className={styles.value}>
        <Skeleton height={34} width="60%" />
      </div>
      <Skeleton lines={4} />
      <div className={styles.block}>
        <Skeleton lines={6} />
      </div>
    </div>
  );
}
