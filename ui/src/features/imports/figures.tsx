import styles from './imports.module.css';

/** Name and value, one a line. */
export function Figures({ rows }: { rows: [string, string][] }) {
  return (
    <dl className={styles.counts}>
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
