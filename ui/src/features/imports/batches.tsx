import { useData } from '@/shared/api/use-data';
import { BatchesDocument } from '@/shared/graphql/generated';
import { formatCount } from '@/shared/number/format';
import { formatMoment } from '@/shared/time/moment';
import { Section } from '@/shared/ui/section';
import { Failure, Skeleton } from '@/shared/ui/states';
import { useSetSearch, useView } from '@/shared/view/view';
import { useState } from 'react';
import styles from './imports.module.css';

const PAGE = 20;

/** What came when; each batch opens the page as known before it. */
export function Batches() {
  const { business } = useView();
  const set = useSetSearch();
  const [first, setFirst] = useState(PAGE);
  const { data, problem, at, retry } = useData(BatchesDocument, { business: business.id, first }, { keep: true });
  const batches = data?.business?.batches;
  return (
    <Section id="batches" title="What came so far" note="newest first">
      {problem && <Failure problem={problem} at={at} retry={retry} />}
      {!batches && !problem && <Skeleton lines={5} />}
      {batches?.nodes.length === 0 && <p className="muted">Nothing yet.</p>}
      {batches && batches.nodes.length > 0 && (
        <div className={styles.sampleBox} tabIndex={0} role="region" aria-label="Batches">
          <table className={styles.sample}>
            <thead>
              <tr>
                <th scope="col">Came</th>
                <th scope="col">Account</th>
                <th scope="col" className="num">
                  Added
                </th>
                <th scope="col" className="num">
                  Amended
                </th>
                <th scope="col" className="num">
                  Removed
                </th>
                <th scope="col" className="num">
                  Positions
                </th>
                <th scope="col">
                  <span className="sr">Past view</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {batches.nodes.map((batch) => (
                <tr key={batch.id}>
                  <td className="nowrap">{formatMoment(batch.startedAt, business.timeZone, { seconds: true })}</td>
                  <td>{batch.account?.name ?? batch.source?.name ?? 'several accounts'}</td>
                  <td className="num">{formatCount(batch.added)}</td>
                  <td className="num">{formatCount(batch.amended)}</td>
                  <td className="num">{formatCount(batch.removed)}</td>
                  <td className="num muted">
                    {formatCount(batch.firstPosition)}
                    {batch.lastPosition > batch.firstPosition ? ` to ${formatCount(batch.lastPosition)}` : ''}
                  </td>
                  <td className="num">
                    <button type="button" className="link" onClick={() => set((now) => ({ ...now, known: `p${Math.max(0, batch.firstPosition - 1)}` }))}>
                      As known before
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {batches?.pageInfo.hasNextPage && first < 200 && (
        <button type="button" className={`link ${styles.moreLink}`} onClick={() => setFirst((now) => Math.min(200, now + 40))}>
          Earlier ones
        </button>
      )}
    </Section>
  );
}
