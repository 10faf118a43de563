import type { ConnectionRowFragment } from '@/shared/graphql/generated';
import { formatCount } from '@/shared/number/format';
import { formatAgo, formatMoment } from '@/shared/time/moment';
import { may } from '@/shared/view/roles';
import { useView } from '@/shared/view/view';
import { AccountChoice } from './account-choice';
import { Completeness } from './completeness';
import { Doings } from './doings';
import { Progress } from './progress';
import styles from './sources.module.css';
import { SyncLog } from './sync-log';
import { standing } from './words';

export interface SourceRowProps {
  connection: ConnectionRowFragment;
  isOpen: boolean;
  onToggle: (source: string) => void;
  onChanged: () => void;
}

const ago = (iso: string): string => formatAgo(Date.now() - Date.parse(iso));

/** One line: what it is, how it is, how fresh; it opens down to what it brought and whether that is all. */
export function SourceRow({ connection, isOpen, onToggle, onChanged }: SourceRowProps) {
  const { business } = useView();
  const id = `source-${connection.source}`;
  const { word, tone } = standing(connection);
  const fresh = connection.working ? 'reading now' : connection.lastSuccess ? ago(connection.lastSuccess) : '';
  return (
    <li className={styles.source}>
      <button type="button" className={styles.head} aria-expanded={isOpen} aria-controls={id} onClick={() => onToggle(connection.source)}>
        <span className={styles.name}>
          <span aria-hidden="true" className={styles.arrow} />
          {connection.name}
        </span>
        <span className={styles[tone]}>{word}</span>
        <span className="num muted">{formatCount(connection.transactions)} transactions</span>
        <span className="num muted" data-tip={connection.lastSuccess ? `complete as of ${formatMoment(connection.lastSuccess, business.timeZone, { seconds: true })}` : undefined}>
          {fresh}
        </span>
      </button>
      {isOpen && (
        <div id={id} className={styles.body}>
          <Opened connection={connection} onChanged={onChanged} />
        </div>
      )}
    </li>
  );
}

function Opened({ connection, onChanged }: Pick<SourceRowProps, 'connection' | 'onChanged'>) {
  const { business } = useView();
  const manages = may(business.viewerRole, 'manage');
  const { source, state, health, advice, healthSince, nextSync, progress, reason, failures } = connection;
  if (state === 'choosing') return manages ? <AccountChoice source={source} first onDone={onChanged} /> : <p className="muted">Owners and managers choose its accounts.</p>;
  return (
    <>
      {state === 'active' && health !== 'healthy' && (
        <p role="status">
          <strong>{advice}</strong>{' '}
          <span className="muted">
            Since {formatMoment(healthSince, business.timeZone)}
            {failures > 1 && `, ${formatCount(failures)} tries`}
            {reason && `, the provider says “${reason}”`}. {nextSync ? `The next try is on ${formatMoment(nextSync, business.timeZone)}.` : 'It is not tried again until you have.'}
          </span>
        </p>
      )}
      {state === 'ended' && reason === 'giving_back' && <p role="status">{advice}</p>}
      {state === 'active' && progress && <Progress progress={progress} />}
      {manages && <Doings connection={connection} onChanged={onChanged} />}
      <Completeness source={source} />
      <SyncLog source={source} />
    </>
  );
}
