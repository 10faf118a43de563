import { formatCount, formatFull } from '@/shared/number/format';
import { formatDay } from '@/shared/time/moment';
import { Figures } from './figures';
import { type AccountSums, type Report, refusedCount } from './api';
import styles from './imports.module.css';

const LISTED = 50;

/** Counts, days, sums by currency, and every refused line with its reason. */
export function ReportView({ report, written = false }: { report: Report; written?: boolean }) {
  const refused = refusedCount(report);
  return (
    <>
      <Figures
        rows={[
          ['Format', FORMATS[report.format] ?? report.format],
          ['Rows read', formatCount(report.rows)],
          [written ? 'Added' : 'To be added', formatCount(report.added)],
          ['Known already', formatCount(report.known)],
          ...(report.amended ? ([['Amended', formatCount(report.amended)]] as [string, string][]) : []),
          ...(report.skipped ? ([['Skipped', formatCount(report.skipped)]] as [string, string][]) : []),
          ...(report.pending ? ([['Only announced, not booked', formatCount(report.pending)]] as [string, string][]) : []),
          ['Refused', formatCount(refused)],
          ...(report.first && report.last ? ([['Booked', `${day(report.first)} to ${day(report.last)}`]] as [string, string][]) : []),
        ]}
      />
      {Object.keys(report.sums).length > 0 && (
        <div className={styles.sampleBox} tabIndex={0} role="region" aria-label="Table of sums">
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
      <AccountsOfFile accounts={report.accounts ?? []} />
      <Warnings warnings={report.warnings ?? []} />
      {refused > 0 && <Refused report={report} />}
    </>
  );
}

const FORMATS: Record<string, string> = {
  csv: 'CSV',
  ofx: 'OFX',
  qif: 'QIF',
  'camt.052': 'CAMT.052, within the day',
  'camt.053': 'CAMT.053, statement',
  'camt.054': 'CAMT.054, single entries',
  mt940: 'MT940',
  mt942: 'MT942, within the day',
};

/** Where the file has several accounts, or says their balances. */
function AccountsOfFile({ accounts }: { accounts: AccountSums[] }) {
  if (accounts.length < 2 && accounts.every(({ opening, closing }) => opening === null && closing === null)) return null;
  const shown = (amount: string | null, currency: string) => (amount === null ? '' : formatFull(amount, currency));
  return (
    <div className={styles.sampleBox} tabIndex={0} role="region" aria-label="Table of accounts">
      <table className={styles.sums}>
        <caption className="sr">Accounts of the file</caption>
        <thead>
          <tr>
            <th scope="col">Account</th>
            {['Rows', 'Before', 'After'].map((title) => (
              <th key={title} scope="col" className="num">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {accounts.map(({ account, currency, rows, opening, closing }) => (
            <tr key={account}>
              <th scope="row">{account}</th>
              {[formatCount(rows), shown(opening, currency), shown(closing, currency)].map((cell, index) => (
                <td key={index} className="num">
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Warnings({ warnings }: { warnings: NonNullable<Report['warnings']> }) {
  if (warnings.length === 0) return null;
  return (
    <details className={styles.refused} open={warnings.length <= 10}>
      <summary>{warnings.length === 1 ? 'One thing to look at' : `${formatCount(warnings.length)} things to look at`}</summary>
      <ul>
        {warnings.map(({ line, text }, index) => (
          <li key={index}>
            {line !== null && <span className="muted">line {formatCount(line)} </span>}
            {text}
          </li>
        ))}
      </ul>
    </details>
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
