import { formatFull } from '@/shared/number/format';
import { isNegative } from '@/shared/number/decimal';
import { categoryName } from '@/shared/view/words';
import type { SampleRow } from './api';
import styles from './imports.module.css';

export function Sample({ rows }: { rows: SampleRow[] }) {
  if (rows.length === 0) return <p className="muted">No row could be read with this mapping.</p>;
  return (
    <div className={styles.sampleBox} tabIndex={0} role="region" aria-label="First rows">
      <table className={styles.sample}>
        <thead>
          <tr>
            <th scope="col" className="num">
              Line
            </th>
            <th scope="col">Booked</th>
            <th scope="col">What</th>
            <th scope="col">Counterparty</th>
            <th scope="col">Category</th>
            <th scope="col">Kind</th>
            <th scope="col">Account</th>
            <th scope="col" className="num">
              Amount
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.line}>
              <td className="num muted">{row.line}</td>
              <td className="nowrap">{row.booked.replace('T', ' ').replace('Z', '')}</td>
              <td>{row.description ?? ''}</td>
              <td>{row.counterparty ?? ''}</td>
              <td className="nowrap">{categoryName(row.category)}</td>
              <td className="nowrap muted">{row.kind.toLowerCase().replace(/_/g, ' ')}</td>
              <td className="nowrap muted">{row.account ?? ''}</td>
              <td className={`num ${isNegative(row.amount) ? '' : 'good'}`}>{formatFull(row.amount, row.currency)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
