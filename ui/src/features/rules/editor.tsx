import { useDebouncedValue } from '@mantine/hooks';
import { type FormEvent, useId, useMemo, useState } from 'react';
import { useClient } from 'urql';
import { mutate } from '@/shared/api/mutate';
import { useAction } from '@/shared/api/use-action';
import { type RuleRowFragment, SetRuleDocument } from '@/shared/graphql/generated';
import { CategorySelect, kindOf, useCategoryTree } from '@/shared/meaning/category-select';
import { Button, Field, inputClass } from '@/shared/ui/button';
import { useSay } from '@/shared/ui/notice';
import { Actions } from '@/shared/ui/settings';
import { Failure } from '@/shared/ui/states';
import { TextField } from '@/shared/ui/text-field';
import { KINDS } from '@/shared/view/search';
import { useView } from '@/shared/view/view';
import { categoryName, KIND_NAMES } from '@/shared/view/words';
import { type Draft, faultOf, listWith, ruleOf } from './draft';
import { Preview } from './preview';
import styles from './rules.module.css';

export interface EditorProps {
  rules: readonly RuleRowFragment[];
  from: Draft;
  onDone: (position: number) => void;
  onLeave: () => void;
}

const PAUSE_MS = 350;

/** What it looks for and what that means, beside what it would alter: nothing is applied until it is saved. */
export function Editor({ rules, from, onDone, onLeave }: EditorProps) {
  const { business } = useView();
  const client = useClient();
  const say = useSay();
  const tree = useCategoryTree();
  const [draft, setDraft] = useState(from);
  const [settled] = useDebouncedValue(draft, PAUSE_MS);
  const put = (change: Partial<Draft>) => setDraft((now) => ({ ...now, ...change }));
  const save = useAction(async () => {
    const { setRule } = await mutate(client, SetRuleDocument, { business: business.id, rule: ruleOf(draft, kindOf(tree, draft.category)), before: null });
    say('The rule is kept; it is being applied to what is there.');
    onDone(setRule.position);
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save.run();
  };
  const fault = faultOf(draft);
  const asked = useMemo(
    () => (faultOf(settled) || settled.category === '' ? undefined : listWith(rules, ruleOf(settled, kindOf(tree, settled.category)))),
    [settled, rules, tree],
  );
  return (
    <form className={styles.editor} onSubmit={submit}>
      <div className={styles.fields}>
        <Texts value={draft.text} onChange={(text) => put({ text })} />
        <div className={styles.pair}>
          <Field label="Direction">
            <select value={draft.sign} onChange={(event) => put({ sign: event.target.value as Draft['sign'] })}>
              <option value="">Money in or out</option>
              <option value="IN">Money in</option>
              <option value="OUT">Money out</option>
            </select>
          </Field>
          <Field label="Account">
            <select value={draft.account} onChange={(event) => put({ account: event.target.value })}>
              <option value="">Any</option>
              {business.accounts.map((account) => (
                <option key={account.id} value={account.id}>
                  {account.name}
                </option>
              ))}
            </select>
          </Field>
        </div>
        <div className={styles.pair}>
          <TextField label="From amount" inputMode="decimal" value={draft.min} onChange={(min) => put({ min })} />
          <TextField label="To amount" inputMode="decimal" value={draft.max} onChange={(max) => put({ max })} />
        </div>
        <div className={styles.pair}>
          <div className={styles.labelled}>
            <span aria-hidden="true">Is</span>
            <CategorySelect label="Category" value={draft.category} onChange={(category) => put({ category, kind: '' })} empty="Choose a category" />
          </div>
          <Field label="Counted as">
            <select value={draft.kind || (kindOf(tree, draft.category) ?? '')} onChange={(event) => put({ kind: event.target.value as Draft['kind'] })}>
              <option value="">By its direction</option>
              {KINDS.map((kind) => (
                <option key={kind} value={kind}>
                  {KIND_NAMES[kind]}
                </option>
              ))}
            </select>
          </Field>
        </div>
        {save.problem && <Failure problem={save.problem} />}
        {fault && draft !== from && <p className="muted">{fault}</p>}
        <Actions>
          <Button type="submit" primary disabled={save.busy || fault !== undefined || draft.category === ''}>
            {save.busy ? 'Saving…' : draft.category ? `Save: ${categoryName(draft.category)}` : 'Save the rule'}
          </Button>
          <Button onClick={onLeave}>Leave it</Button>
        </Actions>
      </div>
      <div className={styles.preview}>{asked ? <Preview rules={asked} /> : <p className="muted">Here you see what it would change, before it does.</p>}</div>
    </form>
  );
}

function Texts({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const id = useId();
  return (
    <div className={styles.texts}>
      <label htmlFor={id}>Contains</label>
      <textarea id={id} className={inputClass} rows={2} value={value} onChange={(event) => onChange(event.target.value)} aria-describedby={`${id}-note`} />
      <p id={`${id}-note`}>In text, counterparty or reference. One a line: all must be there. * stands for anything.</p>
    </div>
  );
}
