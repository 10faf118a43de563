import { useEffect, useState } from 'react';
import { useConnection } from '@/shared/api/connection';
import { useLiveState } from '@/shared/live/live';
import { formatCount } from '@/shared/number/format';
import { formatAgo, formatTime } from '@/shared/time/moment';
import { useView } from '@/shared/view/view';
import styles from './shell.module.css';

const SPEAK_EVERY_MS = 15_000;

/** The position that the page is at, when it last heard of a change, and how many events came. */
export function LiveMark() {
  const { asOf } = useView();
  const connection = useConnection();
  const live = useLiveState();
  const [now, setNow] = useState(Date.now);
  const [spoken, setSpoken] = useState({ at: 0, events: 0 });
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  if (live.events > spoken.events && now - spoken.at > SPEAK_EVERY_MS) setSpoken({ at: now, events: live.events });

  const state = connection.state === 'open' ? (asOf ? 'past' : 'open') : connection.state;
  const ago = live.heardAt === null ? '' : formatAgo(now - live.heardAt);
  const text =
    state === 'lost' && connection.state === 'lost'
      ? `no connection since ${formatTime(new Date(connection.since))}`
      : state === 'connecting'
        ? 'connecting…'
        : `${formatCount(live.position)}${live.events > 0 ? ` · +${formatCount(live.events)}` : ''}`;
  const tip = [
    `Position ${formatCount(live.position)} of the log`,
    live.heardAt === null ? 'No change heard since the page was opened' : `Last change ${ago}`,
    `${formatCount(live.events)} events, ${formatCount(live.transactions)} transactions since then`,
    ...(asOf ? ['The figures on screen are those of the past view'] : []),
  ].join('\n');
  return (
    <>
      <span className={styles.live} data-state={state} data-tip={tip} tabIndex={0} role="note" aria-label={tip.replace(/\n/g, '. ')}>
        <i aria-hidden="true" />
        <span>{text}</span>
        {state !== 'lost' && ago && <span className={styles.ago}>· {ago}</span>}
      </span>
      <span className="sr" aria-live="polite">
        {spoken.events > 0 && !asOf ? `The figures moved: ${formatCount(spoken.events)} events since the page was opened.` : ''}
      </span>
    </>
  );
}
