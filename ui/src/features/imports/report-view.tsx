import { formatCount, formatFull } from '@/shared/number/format';
import { formatDay } from '@/shared/time/moment';
import { Figures } from './figures';
import { type Report, refusedCount } from './api';
import styles from './imports.module.css';

const LISTED = 50;

/** Counts, days, sums by currency, and every refused line with its reason. */
export function ReportView({ report, written = false }: { report: Report; written?: boolean }) {
  const refused = refusedCount(report);
  return (
    <>
      <Figures
        rows={[
          ['Rows read', formatCount(report.rows)],
          [written ? 'Added' : 'To be added', formatCount(report.added)],
          ['Known already', formatCount(report.known)],
          ...(report.amended ? ([['Amended', formatCount(report.amended)]] as [string, string][]) : []),
          ...(report.skipped ? ([['Skipped by the mapping', formatCount(report.skipped)]] as [string, string][]) : []),
          ['Refused', formatCount(refused)],
          ...(report.first && report.last ? ([['Booked', `${day(report.first)} to ${day(report.last)}`]] as [string, string][]) : []),
        ]}
      />
      {Object.keys(report.sums).length > 0 && (
        <div className={styles.sampleBox}>
        <table className={styles.sums}>
          <caption className="sr">Sums by currency</caption>
          <thead>
            <tr>
              <th scope="col">Sum</th>
              <th scope="col" className="num">
                In
              </th>
              <th scope="col" className="num">
                Out
              </th>
              <th scope="col" className="num">
                Net
              </th>
            </tr>
          </thead>
          <tbody>
            {Object.entries(report.sums).map(([currency, sums]) => (
              <tr key={currency}>
                <th scope="row">{currency}</th>
                {[sums.in, sums.out, sums.net].map((value, index) => (
                  <td key={index} className="num">
                    {formatFull(value, currency).replace(` ${currency}`, '')}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        </div>
      )}
      {refused > 0 && <Refused report={report} />}
    </>
  );
}

const day = (text: string): string => formatDay(text.slice(0, 10));

function Refused({ report }: { report: Report }) {
  const listed = report.refused.slice(0, LISTED);
  const rest = refusedCount(report) - listed.length;
  return (
    <details className={styles.refused} open={report.refused.length <= 10}>
      <summary>{formatCount(refusedCount(report))} lines that cannot be read; all others can</summary>
      <ul>
        {listed.map(({ line, reason }) => (
          <li key={line}>
            <span className="muted">line {formatCount(line)}</span> {reason}
          </li>
        ))}
        {rest > 0 && <li className="muted">and {formatCount(rest)} more</li>}
      </ul>
    </details>
  );
}
