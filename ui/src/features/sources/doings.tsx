import { useState } from 'react';
import { useAction } from '@/shared/api/use-action';
import type { ConnectionRowFragment } from '@/shared/graphql/generated';
import { formatCount } from '@/shared/number/format';
import { Button } from '@/shared/ui/button';
import { useSay } from '@/shared/ui/notice';
import { Actions } from '@/shared/ui/settings';
import { Failure } from '@/shared/ui/states';
import { useView } from '@/shared/view/view';
import { AccountChoice } from './account-choice';
import { disconnect, startConnection, syncNow } from './api';
import styles from './sources.module.css';
import { needsOwner } from './words';

interface Props {
  connection: ConnectionRowFragment;
  onChanged: () => void;
}

/** What an owner or a manager does with a source that is there. */
export function Doings({ connection, onChanged }: Props) {
  const { business } = useView();
  const say = useSay();
  const [open, setOpen] = useState<'accounts' | 'disconnect'>();
  const { source, provider, name, health, working, state } = connection;
  const sync = useAction(async () => {
    await syncNow(business.id, source);
    say(`${name} is read now.`);
    onChanged();
  });
  const repair = useAction(async () => {
    const { url } = await startConnection(business.id, { provider, source });
    if (url) window.location.assign(url);
  });
  const close = () => setOpen(undefined);
  const done = () => {
    close();
    onChanged();
  };
  if (state === 'ended') return null;
  if (open === 'accounts') return <AccountChoice source={source} onDone={done} onLeave={close} />;
  if (open === 'disconnect') return <Disconnect connection={connection} onDone={done} onLeave={close} />;
  const problem = sync.problem ?? repair.problem;
  return (
    <>
      {problem && <Failure problem={problem} />}
      <Actions>
        {needsOwner(health) ? (
          <Button primary disabled={repair.busy} onClick={() => void repair.run()}>
            Agree again at the provider
          </Button>
        ) : (
          <Button disabled={sync.busy || working} onClick={() => void sync.run()}>
            {working ? 'Reading…' : 'Read now'}
          </Button>
        )}
        <Button onClick={() => setOpen('accounts')}>Accounts…</Button>
        <Button onClick={() => setOpen('disconnect')}>Disconnect…</Button>
      </Actions>
    </>
  );
}

function Disconnect({ connection, onDone, onLeave }: { connection: ConnectionRowFragment; onDone: () => void; onLeave: () => void }) {
  const { business } = useView();
  const say = useSay();
  const [data, setData] = useState<'keep' | 'erase'>('keep');
  const end = useAction(async () => {
    const { erased } = await disconnect(business.id, connection.source, data);
    say(data === 'erase' ? `${connection.name} is disconnected; ${formatCount(erased)} transactions left the figures.` : `${connection.name} is disconnected; its transactions stay.`);
    onDone();
  });
  return (
    <div className={styles.choice}>
      <fieldset>
        <legend>Access is given back to the provider. Its {formatCount(connection.transactions)} transactions</legend>
        <label>
          <input type="radio" name="data" checked={data === 'keep'} onChange={() => setData('keep')} />
          <span>stay in the figures</span>
        </label>
        <label>
          <input type="radio" name="data" checked={data === 'erase'} onChange={() => setData('erase')} />
          <span>leave all figures, and its accounts are closed</span>
        </label>
      </fieldset>
      {end.problem && <Failure problem={end.problem} />}
      <Actions>
        <Button primary={data === 'keep'} danger={data === 'erase'} disabled={end.busy} onClick={() => void end.run()}>
          {end.busy ? 'Disconnecting…' : data === 'keep' ? 'Disconnect' : 'Disconnect and take them out'}
        </Button>
        <Button onClick={onLeave}>Leave it</Button>
      </Actions>
    </div>
  );
}
