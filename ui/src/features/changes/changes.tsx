/** What changed in a figure between two states of knowledge, by cause, and the lines behind each cause. */
import { useLineList } from '@/shared/api/use-lines';
import { Waterfall } from '@/shared/charts/waterfall';
import type { Cause, Metric } from '@/shared/graphql/generated';
import { LineList } from '@/shared/lines/line-list';
import { subtract } from '@/shared/number/decimal';
import { formatCount, formatDifference, toneOf } from '@/shared/number/format';
import { periodLabel } from '@/shared/time/period';
import { Figure } from '@/shared/ui/figure';
import { NoData } from '@/shared/ui/no-data';
import { Part, ScreenTitle } from '@/shared/ui/screen';
import { Section } from '@/shared/ui/section';
import { Empty, Failure, Skeleton } from '@/shared/ui/states';
import { linesOf } from '@/shared/view/metric-lines';
import { ofLines } from '@/shared/view/resolve';
import { useChanges } from '@/shared/view/use-changes';
import { useSetSearch, useView } from '@/shared/view/view';
import { CAUSE_MEANING, CAUSE_NAMES, METRIC_NAMES } from '@/shared/view/words';
import { ChangesControls } from './controls';

const BETTER: Partial<Record<Metric, boolean>> = { REVENUE: true, PROFIT: true, CASH_NET: true, BALANCE: true, EXPENSES: false };

export function Changes() {
  const { business, search, currency, asOf, period, today } = useView();
  const set = useSetSearch();
  const metric = search.figure ?? 'PROFIT';
  const { changes, since, problem, at, retry } = useChanges(metric, search.since);
  const chosen = search.cause;
  const toggle = (cause: Cause) => set(({ cause: now, ...rest }) => (now === cause ? rest : { ...rest, cause }), { replace: true });
  const difference = changes ? subtract(changes.end ?? '0', changes.start ?? '0') : undefined;
  if (!business.firstDay) return <NoData />;
  return (
    <>
      <ScreenTitle
        title={
          <>
            What changed in {METRIC_NAMES[metric].toLowerCase()}{' '}
            {changes && difference && (
              <span className={toneOf(difference, BETTER[metric] ?? null)}>{formatDifference(difference, changes.unit, currency)}</span>
            )}
          </>
        }
      >
        {currency}, {periodLabel(period, today)}, from {since.label} to {asOf ? 'the state of knowledge above' : 'now'}
      </ScreenTitle>
      <ChangesControls />
      {problem && <Failure problem={problem} at={at} retry={retry} />}
      <Part>
        {!changes && !problem && <Skeleton lines={6} />}
        {changes && (
          <Waterfall
            changes={changes}
            startLabel={`As known: ${since.label}`}
            endLabel={asOf ? 'As known then' : 'Now'}
            end={<Figure value={changes.end} unit={changes.unit} currency={currency} position={changes.to.position} door={{ metric }} strong />}
            moreIsBetter={BETTER[metric] ?? null}
            chosen={chosen}
            onCause={toggle}
            style="exact"
          />
        )}
      </Part>
      {changes && (
        <Part>
          <Section
            id="lines"
            title={chosen ? `${CAUSE_NAMES[chosen]} lines` : 'The lines behind it'}
            note={chosen ? CAUSE_MEANING[chosen] : `${formatCount(changes.transactionCount)} transactions of the period arrived or changed`}
            actions={
              chosen && (
                <button type="button" className="link" onClick={() => toggle(chosen)}>
                  All causes
                </button>
              )
            }
          >
            <ChangedLines metric={metric} period={changes.period} from={since.asOf} count={changes.transactionCount} />
          </Section>
        </Part>
      )}
    </>
  );
}

interface ChangedLinesProps {
  metric: Metric;
  /** Of the figure's days. */
  period: { from: string; to: string };
  from: NonNullable<ReturnType<typeof useChanges>['since']>['asOf'];
  count: number;
}

function ChangedLines({ metric, period, from, count }: ChangedLinesProps) {
  const view = useView();
  const { business, search, asOf } = view;
  const filter = linesOf(metric, period.from, period.to, business.firstDay);
  const found = useLineList(
    {
      business: business.id,
      period: { from: filter.from, to: filter.to },
      ...ofLines(view),
      changedFrom: from,
      order: search.largest ? 'AMOUNT' : 'DAY',
      ...(filter.kinds ? { kinds: filter.kinds } : {}),
      ...(search.cause ? { cause: search.cause } : {}),
      ...(asOf ? { changedTo: asOf } : {}),
    },
    { follow: true, live: !asOf },
  );
  if (found.problem && found.count === 0) return <Failure problem={found.problem} retry={found.retry} />;
  if (!found.loading && found.count === 0) {
    return (
      <Empty title={count === 0 ? 'Nothing changed.' : 'No line of this cause.'}>
        {count === 0 ? 'Between the two states of knowledge, no line of this period arrived, was corrected or was taken back.' : 'Choose another cause above.'}
      </Empty>
    );
  }
  return <LineList found={found} />;
}
