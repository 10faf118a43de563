/** The chart's data as a table that can be copied: tab-separated, as a spreadsheet takes it. */
import { useState } from 'react';
import styles from './chart.module.css';

export interface TableData {
  columns: string[];
  rows: string[][];
}

export function ChartTable({ data, label }: { data: TableData; label: string }) {
  const [copied, setCopied] = useState(false);
  const copy = () => {
    const text = [data.columns, ...data.rows].map((row) => row.join('\t')).join('\n');
    void navigator.clipboard.writeText(text).then(() => setCopied(true));
  };
  return (
    <div className={styles.tableBox}>
      <table className={styles.table}>
        <caption className="sr">{label}</caption>
        <thead>
          <tr>
            {data.columns.map((column, index) => (
              <th key={column} scope="col" className={index > 0 ? 'num' : undefined}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.rows.map((row) => (
            <tr key={row[0]}>
              {row.map((cell, index) =>
                index === 0 ? (
                  <th key={index} scope="row">
                    {cell}
                  </th>
                ) : (
                  <td key={index} className="num">
                    {cell}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
      <button type="button" className={`link ${styles.copy}`} onClick={copy}>
        {copied ? 'Copied' : 'Copy'}
      </button>
    </div>
  );
}
