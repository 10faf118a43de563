import type { ComparedFragment, Metric } from '@/shared/graphql/generated';
import { Bar } from '@/shared/charts/bars';
import { differences } from '@/shared/charts/geometry';
import { DASH, formatDifference, formatFigure, formatPercent, toneOf } from '@/shared/number/format';
import { formatDays, periodLabel } from '@/shared/time/period';
import { Figure } from '@/shared/ui/figure';
import { Section } from '@/shared/ui/section';
import { Skeleton } from '@/shared/ui/states';
import { useView } from '@/shared/view/view';
import { METRIC_NAMES } from '@/shared/view/words';
import styles from './home.module.css';
import type { SummaryData } from './sentence';

const ROWS: Metric[] = ['REVENUE', 'EXPENSES', 'PROFIT', 'PROFIT_MARGIN', 'CASH_NET', 'AVERAGE_SALE', 'COUNT'];
/** Figures of one magnitude share the scale of the bars. */
const BARRED: ReadonlySet<Metric> = new Set<Metric>(['REVENUE', 'EXPENSES', 'PROFIT', 'CASH_NET']);

/** Three columns of seven digits and more do not fit a phone; what was before follows from the other two. */
const WIDE = 1_000_000;
const isWide = ({ value, before }: ComparedFragment) => [value, before].some((one) => Math.abs(Number(one ?? 0)) >= WIDE);

const styleOf = (metric: Metric) => (metric === 'AVERAGE_SALE' ? 'exact' : 'whole');

export function FiguresTable({ summary }: { summary: SummaryData | undefined }) {
  const { period, compare, today } = useView();
  const lastYear = compare === 'SAME_PERIOD_LAST_YEAR';
  const title = `${period.running && period.kind === 'month' ? 'This month' : periodLabel(period, today)} against ${lastYear ? 'last year' : 'the period before'}`;
  if (!summary) {
    return (
      <Section title={title} id="figures">
        <Skeleton height={28} />
        <Skeleton lines={ROWS.length} />
      </Section>
    );
  }
  const rows = ROWS.flatMap((metric) => summary.figures.find((one) => one.metric === metric) ?? []);
  const { zero, spans } = differences(rows.map((row) => (BARRED.has(row.metric) ? row.difference : null)));
  const nowName = lastYear ? period.from.slice(0, 4) : 'Now';
  const beforeName = lastYear ? summary.compared.from.slice(0, 4) : 'Before';
  return (
    <Section title={title} id="figures">
      <table className={styles.figures} data-wide={rows.some(isWide) || undefined}>
        <thead>
          <tr>
            <th scope="col">
              {formatDays(summary.period.from, summary.period.to, today)}, {summary.currency}
            </th>
            <th scope="col" className="num">
              {nowName}
            </th>
            <th scope="col" className={`num ${styles.before}`} data-tip={formatDays(summary.compared.from, summary.compared.to, '')}>
              {beforeName}
            </th>
            <th scope="col" className="num" aria-label="Difference">
              Δ
            </th>
            <th className={styles.barCell} aria-hidden="true" />
            <th scope="col" className="num" aria-label="Difference in percent">
              Δ %
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <Row key={row.metric} row={row} span={spans[index] ?? null} zero={zero} position={summary.known.position} />
          ))}
        </tbody>
      </table>
    </Section>
  );
}

interface RowProps {
  row: ComparedFragment;
  span: { left: number; width: number } | null;
  zero: number;
  position: number;
}

function Row({ row, span, zero, position }: RowProps) {
  const { metric, unit, currency } = row;
  const tone = row.direction === 'STABLE' ? 'neutral' : toneOf(row.difference, row.moreIsBetter);
  const style = styleOf(metric);
  const barTone = toneOf(row.difference, row.moreIsBetter);
  return (
    <tr>
      <th scope="row">{METRIC_NAMES[metric]}</th>
      <td className="num">
        <Figure value={row.value} unit={unit} currency={currency} style={style} reason={row.reason} position={position} door={{ metric }} strong />
      </td>
      <td className={`num muted ${styles.before}`}>{formatFigure(row.before, unit, currency, { style })}</td>
      <td className={`num ${tone}`}>{formatDifference(row.difference, unit, currency, { style })}</td>
      <td className={styles.barCell}>
        {span && <Bar span={span} zero={zero} tone={barTone === 'neutral' ? 'actual' : barTone} />}
      </td>
      <td className={`num ${unit === 'RATIO' ? 'muted' : tone}`}>
        {unit === 'RATIO' || row.percent === null ? DASH : formatPercent(row.percent, { signed: true })}
      </td>
    </tr>
  );
}
