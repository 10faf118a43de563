/** Accounts that no provider fills: what their files say, and whether that is all. */
import { useData } from '@/shared/api/use-data';
import { sayCompleteness, troubleOf } from '@/shared/completeness/words';
import { type ConnectionRowFragment, StandingsDocument } from '@/shared/graphql/generated';
import { formatDay } from '@/shared/time/moment';
import { useView } from '@/shared/view/view';
import { useState } from 'react';
import { AccountCompleteness } from './completeness';
import styles from './sources.module.css';

/** Accounts that are listed: a table of thousands of them is not read here. */
const MOST = 100;

export function Files({ connections, open }: { connections: readonly ConnectionRowFragment[]; open: string | undefined }) {
  const { business } = useView();
  const { data } = useData(StandingsDocument, { business: business.id });
  const connected = new Set(connections.map((one) => one.source));
  const standings = (data?.business?.standings ?? []).filter((one) => !one.source || !connected.has(one.source));
  const said = sayCompleteness(standings);
  const [shown, setShown] = useState<string>();
  if (!said) return null;
  const told = standings.filter((one) => one.completeTo !== null || one.differsFrom !== null);
  return (
    <section className={styles.part} aria-label="Accounts of files">
      <h2>Accounts of files</h2>
      <p className="muted">{said.text}.</p>
      <ul className={styles.sources}>
        {told.slice(0, MOST).map((one) => {
          const trouble = troubleOf(one);
          const isOpen = shown === one.account || (shown === undefined && told.length === 1 && open === one.source);
          return (
            <li key={one.account} className={styles.source}>
              <button type="button" className={styles.head} aria-expanded={isOpen} onClick={() => setShown(isOpen ? '' : one.account)}>
                <span className={styles.name}>
                  <span aria-hidden="true" className={styles.arrow} />
                  {business.accounts.find((account) => account.id === one.account)?.name ?? 'Account'}
                </span>
                <span className={trouble ? styles.bad : styles.good}>{trouble ?? 'complete'}</span>
                <span className="num muted">{one.completeTo ? `to ${formatDay(one.completeTo)}` : ''}</span>
              </button>
              {isOpen && (
                <div className={styles.body}>
                  <AccountCompleteness account={one.account} />
                </div>
              )}
            </li>
          );
        })}
      </ul>
      {told.length > MOST && <p className="muted">{told.length - MOST} more.</p>}
    </section>
  );
}
