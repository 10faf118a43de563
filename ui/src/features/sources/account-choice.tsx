import { type FormEvent, useState } from 'react';
import { useAction } from '@/shared/api/use-action';
import { useLoaded } from '@/shared/api/use-loaded';
import { formatMoney } from '@/shared/number/format';
import { Button } from '@/shared/ui/button';
import { Actions } from '@/shared/ui/settings';
import { Failure, Skeleton } from '@/shared/ui/states';
import { useView } from '@/shared/view/view';
import { chooseAccounts, type ProviderAccount, readAccounts } from './api';
import styles from './sources.module.css';

export interface AccountChoiceProps {
  source: string;
  /** Nothing was chosen yet: all are suggested. */
  first?: boolean;
  onDone: () => void;
  onLeave?: () => void;
}

export function AccountChoice({ source, first = false, onDone, onLeave }: AccountChoiceProps) {
  const { business } = useView();
  const { data, problem, reload } = useLoaded(`accounts ${source}`, () => readAccounts(business.id, source));
  if (problem) return <Failure problem={problem} retry={() => void reload()} />;
  if (!data) return <Skeleton lines={3} />;
  if (data.length === 0) return <p>The provider shows no account. See there whether there is one that may be read.</p>;
  return <Choose accounts={data} source={source} first={first} onDone={onDone} onLeave={onLeave} />;
}

function Choose({ accounts, source, first, onDone, onLeave }: Omit<AccountChoiceProps, 'onLeave'> & { accounts: ProviderAccount[]; onLeave: (() => void) | undefined }) {
  const { business } = useView();
  const [chosen, setChosen] = useState(() => new Set(accounts.filter((one) => first || one.chosen).map((one) => one.id)));
  const save = useAction(async () => {
    await chooseAccounts(business.id, source, [...chosen]);
    onDone();
  });
  const toggle = (id: string) =>
    setChosen((now) => {
      const next = new Set(now);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save.run();
  };
  return (
    <form className={styles.choice} onSubmit={submit}>
      <fieldset>
        <legend>Accounts to read</legend>
        {accounts.map((account) => (
          <label key={account.id}>
            <input type="checkbox" checked={chosen.has(account.id)} onChange={() => toggle(account.id)} />
            <span>{account.name}</span>
            <span className="num muted">{account.balance === null ? account.currency : `${formatMoney(account.balance, account.currency)} ${account.currency}`}</span>
          </label>
        ))}
      </fieldset>
      {save.problem && <Failure problem={save.problem} />}
      <Actions>
        <Button type="submit" primary disabled={save.busy || chosen.size === 0}>
          {save.busy ? 'Beginning…' : first ? 'Read these' : 'Save'}
        </Button>
        {onLeave && <Button onClick={onLeave}>Leave it</Button>}
      </Actions>
    </form>
  );
}
