import { useEffect, useState } from 'react';
import { useConnection } from '@/shared/api/connection';
import { useData } from '@/shared/api/use-data';
import { KnownAtDocument } from '@/shared/graphql/generated';
import { formatCount } from '@/shared/number/format';
import { formatAgo, formatMoment, formatTime } from '@/shared/time/moment';
import { asOfLabel } from '@/shared/time/since';
import { useSetSearch, useView } from '@/shared/view/view';
import styles from './shell.module.css';

/** A past view is visibly one; a broken line says since when. */
export function PastBand() {
  const { asOf } = useView();
  return (
    <>
      {asOf && <Past />}
      <LostBand />
    </>
  );
}

function Past() {
  const { asOf, business } = useView();
  const set = useSetSearch();
  const { data } = useData(KnownAtDocument, { id: business.id, ...(asOf ? { asOf } : {}) }, { live: false });
  if (!asOf) return null;
  const known = data?.business?.known;
  const moment = asOf.position !== undefined && known?.at ? `, ${formatMoment(known.at, business.timeZone)}` : '';
  const label = asOf.date !== undefined ? `on ${asOfLabel(asOf, business.timeZone).replace('end of ', '')}, end of day` : `at ${asOfLabel(asOf, business.timeZone)}`;
  return (
    <div className={styles.past} role="status">
      <span>
        As known {label}
        {moment}
      </span>
      {known && asOf.position === undefined && <span className={styles.pastNote}>position {formatCount(known.position)}</span>}
      <button type="button" onClick={() => set(({ known: _known, ...rest }) => rest)}>
        Back to now
      </button>
    </div>
  );
}

/** Waits a little, so that a reload or a blink of the network does not flash a warning. */
function LostBand() {
  const connection = useConnection();
  const [now, setNow] = useState(Date.now);
  const since = connection.state === 'lost' ? connection.since : null;
  useEffect(() => {
    if (since === null) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [since]);
  if (since === null || now - since < 2500) return null;
  return (
    <div className={styles.lost} role="status">
      <span>
        No connection since {formatTime(new Date(since))} ({formatAgo(now - since)}). The figures are as of then; nothing was lost, and the page goes on trying.
      </span>
    </div>
  );
}
