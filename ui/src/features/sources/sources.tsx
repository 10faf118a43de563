/** Where the money is read from: what each source is up to, whether it is complete, and how to add one. */
import { useCallback } from 'react';
import { ScreenTitle } from '@/shared/ui/screen';
import { Failure, Skeleton } from '@/shared/ui/states';
import { may } from '@/shared/view/roles';
import { useSetSearch, useView } from '@/shared/view/view';
import { Connect } from './connect';
import { Files } from './files';
import { SourceRow } from './source-row';
import styles from './sources.module.css';
import { useConnections } from './use-connections';

export function Sources() {
  const { business, search } = useView();
  const set = useSetSearch();
  const { connections, problem, at, retry } = useConnections(business.id);
  const manages = may(business.viewerRole, 'manage');
  const toggle = useCallback(
    (source: string) => set(({ source: open, ...now }) => (open === source ? now : { ...now, source }), { replace: true }),
    [set],
  );
  const opened = useCallback((source: string) => {
    retry();
    set((now) => ({ ...now, source }), { replace: true });
  }, [retry, set]);
  return (
    <>
      <ScreenTitle title="Sources">Banks, card processors, books and shops that are read by themselves. Files are brought under Imports.</ScreenTitle>
      {problem && <Failure problem={problem} at={at} retry={retry} />}
      {!connections && !problem && <Skeleton lines={4} height={52} />}
      {connections && connections.length === 0 && <p className={styles.none}>None is connected yet.{manages ? '' : ' Owners and managers connect them.'}</p>}
      {connections && connections.length > 0 && (
        <ul className={styles.sources} aria-label="Sources">
          {connections.map((connection) => (
            <SourceRow key={connection.source} connection={connection} isOpen={search.source === connection.source} onToggle={toggle} onChanged={retry} />
          ))}
        </ul>
      )}
      {connections && <Files connections={connections} open={search.source} />}
      {manages && connections && <Connect first={connections.length === 0} onConnected={opened} />}
    </>
  );
}
