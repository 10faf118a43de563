import { useState } from 'react';
import { useClient } from 'urql';
import { mutate } from '@/shared/api/mutate';
import { useAction } from '@/shared/api/use-action';
import { DeleteRuleDocument, OrderRulesDocument, type RuleRowFragment, SetRuleDocument } from '@/shared/graphql/generated';
import { Button } from '@/shared/ui/button';
import { useSay } from '@/shared/ui/notice';
import { Actions } from '@/shared/ui/settings';
import { Failure } from '@/shared/ui/states';
import { useView } from '@/shared/view/view';
import { inputOf, listWith, thenWords, whenWords } from './draft';
import { Preview } from './preview';
import styles from './rules.module.css';

export interface RuleRowProps {
  rules: readonly RuleRowFragment[];
  index: number;
  manages: boolean;
  onOpen: (id: string) => void;
  onDone: (position: number) => void;
}

export function RuleRow({ rules, index, manages, onOpen, onDone }: RuleRowProps) {
  const { business } = useView();
  const client = useClient();
  const [removing, setRemoving] = useState(false);
  const order = useAction(async (ids: string[]) => {
    const { orderRules } = await mutate(client, OrderRulesDocument, { business: business.id, ids });
    onDone(orderRules.position);
  });
  const rule = rules[index];
  if (!rule) return null;
  const move = (by: number) => {
    const ids = rules.map((one) => one.id);
    ids.splice(index, 1);
    ids.splice(index + by, 0, rule.id);
    void order.run(ids);
  };
  const name = whenWords(rule.when, business.accounts, business.baseCurrency);
  return (
    <li className={styles.rule}>
      <div className={styles.row}>
        <span className={styles.number}>{index + 1}</span>
        <div className={styles.words}>
          <div>{name}</div>
          <div className="muted">is {thenWords(rule.then)}</div>
        </div>
        {manages && !removing && (
          <Actions>
            <Button disabled={index === 0 || order.busy} onClick={() => move(-1)} aria-label={`Ask earlier: ${name}`} data-tip="Ask it earlier">
              ↑
            </Button>
            <Button disabled={index === rules.length - 1 || order.busy} onClick={() => move(1)} aria-label={`Ask later: ${name}`} data-tip="Ask it later">
              ↓
            </Button>
            <Button onClick={() => onOpen(rule.id)} aria-label={`Change: ${name}`}>
              Change…
            </Button>
            <Button onClick={() => setRemoving(true)} aria-label={`Remove: ${name}`}>
              Remove…
            </Button>
          </Actions>
        )}
      </div>
      {order.problem && <Failure problem={order.problem} />}
      {removing && <Removing rules={rules} rule={rule} next={rules[index + 1]?.id ?? null} onDone={onDone} onLeave={() => setRemoving(false)} />}
    </li>
  );
}

interface RemovingProps {
  rules: readonly RuleRowFragment[];
  rule: RuleRowFragment;
  /** Before which it stands: the way back. */
  next: string | null;
  onDone: (position: number) => void;
  onLeave: () => void;
}

function Removing({ rules, rule, next, onDone, onLeave }: RemovingProps) {
  const { business } = useView();
  const client = useClient();
  const say = useSay();
  const back = useAction(async () => {
    const { setRule } = await mutate(client, SetRuleDocument, { business: business.id, rule: { ...inputOf(rule), id: null }, before: next });
    onDone(setRule.position);
  });
  const remove = useAction(async () => {
    const { deleteRule } = await mutate(client, DeleteRuleDocument, { business: business.id, id: rule.id });
    say('The rule is gone.', () => void back.run());
    onDone(deleteRule.position);
  });
  return (
    <div className={styles.removing}>
      <Preview rules={listWith(rules, null, rule.id)} />
      {remove.problem && <Failure problem={remove.problem} />}
      <Actions>
        <Button primary disabled={remove.busy} onClick={() => void remove.run()}>
          Remove the rule
        </Button>
        <Button onClick={onLeave}>Keep it</Button>
      </Actions>
    </div>
  );
}
