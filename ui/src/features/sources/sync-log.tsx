import { useState } from 'react';
import { useData } from '@/shared/api/use-data';
import { SyncLogDocument } from '@/shared/graphql/generated';
import { formatCount } from '@/shared/number/format';
import { formatMoment } from '@/shared/time/moment';
import { Failure, Skeleton } from '@/shared/ui/states';
import { useView } from '@/shared/view/view';
import styles from './sources.module.css';
import { causeName, outcomeName } from './words';

const FIRST = 10;
const MORE = 50;
const MOST = 200;

/** What was read when, and what came of it. */
export function SyncLog({ source }: { source: string }) {
  const { business } = useView();
  const [first, setFirst] = useState(FIRST);
  const { data, problem, at, retry } = useData(SyncLogDocument, { business: business.id, source, first }, { keep: true });
  const log = data?.business?.connection?.log;
  return (
    <section className={styles.part} aria-label="What was read">
      <h2>What was read</h2>
      {problem && <Failure problem={problem} at={at} retry={retry} />}
      {!log && !problem && <Skeleton lines={3} />}
      {log?.length === 0 && <p className="muted">Nothing yet.</p>}
      {log && log.length > 0 && (
        <div className={styles.tableBox} tabIndex={0} role="region" aria-label="Readings">
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">Began</th>
                <th scope="col">Why</th>
                <th scope="col">Outcome</th>
                <th scope="col" className="num">Pages</th>
                <th scope="col" className="num">Added</th>
                <th scope="col" className="num">Amended</th>
                <th scope="col" className="num">Removed</th>
              </tr>
            </thead>
            <tbody>
              {log.map((entry) => (
                <tr key={entry.id}>
                  <td className="nowrap">{formatMoment(entry.beganAt, business.timeZone, { seconds: true })}</td>
                  <td className="muted">{causeName(entry.cause)}</td>
                  <td className={entry.outcome === 'failed' || entry.outcome === 'given_up' ? styles.bad : undefined}>
                    {outcomeName(entry.outcome)}
                    {entry.reason && <span className="muted"> · {entry.reason}</span>}
                    {entry.restarts > 0 && <span className="muted"> · begun anew {entry.restarts} times</span>}
                  </td>
                  <td className="num muted">{formatCount(entry.pages)}</td>
                  <td className="num">{formatCount(entry.added)}</td>
                  <td className="num">{formatCount(entry.amended)}</td>
                  <td className="num">{formatCount(entry.removed)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {log && log.length >= first && first < MOST && (
        <button type="button" className="link" onClick={() => setFirst((now) => Math.min(MOST, now + MORE))}>
          Earlier ones
        </button>
      )}
    </section>
  );
}
