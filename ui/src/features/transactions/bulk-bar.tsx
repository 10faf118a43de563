import { Link } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { formatCount } from '@/shared/number/format';
import type { Kind, LineFragment } from '@/shared/graphql/generated';
import { isNegative } from '@/shared/number/decimal';
import { CategorySelect, kindOf, useCategoryTree } from '@/shared/meaning/category-select';
import { useRecategorise } from '@/shared/meaning/use-recategorise';
import { Button, inputClass } from '@/shared/ui/button';
import { Failure } from '@/shared/ui/states';
import { KINDS } from '@/shared/view/search';
import { useView } from '@/shared/view/view';
import { KIND_NAMES } from '@/shared/view/words';
import styles from './transactions.module.css';

export interface BulkBarProps {
  chosen: readonly LineFragment[];
  onDone: () => void;
  onClear: () => void;
}

/** What can be done with the lines that are ticked; it stays at the foot of the window while one scrolls. */
export function BulkBar({ chosen, onDone, onClear }: BulkBarProps) {
  const { business } = useView();
  const [category, setCategory] = useState('');
  const [note, setNote] = useState('');
  const [picked, setPicked] = useState<Kind>();
  const tree = useCategoryTree();
  // A category of one's own says nothing about its kind.
  const own = category !== '' && kindOf(tree, category) === undefined;
  const kind = picked ?? (chosen.every((line) => isNegative(line.amount)) ? 'EXPENSE' : 'REVENUE');
  const { go, problem } = useRecategorise(onDone);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented && !document.querySelector('dialog[open], [data-popover], [role=dialog]')) onClear();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [onClear]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void go.run(chosen, category, note, own ? kind : null);
  };
  const decided = chosen.some((line) => line.decision.basis === 'CHOICE');
  const only = chosen.length === 1 ? chosen[0] : undefined;
  return (
    <form className={styles.bulk} onSubmit={submit} aria-label="With the chosen transactions">
      {problem && <Failure problem={problem} />}
      <strong role="status">{chosen.length === 1 ? 'One chosen' : `${formatCount(chosen.length)} chosen`}</strong>
      <CategorySelect label="Category" value={category} onChange={setCategory} empty="Put them under…" />
      {own && (
        <select className={inputClass} aria-label="Counted as" value={kind} onChange={(event) => setPicked(event.target.value as Kind)}>
          {KINDS.map((one) => (
            <option key={one} value={one}>
              {KIND_NAMES[one]}
            </option>
          ))}
        </select>
      )}
      <input className={inputClass} aria-label="Note" placeholder="Note, if you like" maxLength={500} value={note} onChange={(event) => setNote(event.target.value)} />
      <Button type="submit" primary disabled={category === '' || go.busy}>
        {go.busy ? 'Changing…' : 'Change'}
      </Button>
      {decided && (
        <Button disabled={go.busy} onClick={() => void go.run(chosen, null, '')} data-tip="Your choice is given up: rules, the source and what was learned say again">
          Decide anew
        </Button>
      )}
      {only && (
        <Link to="/b/$business/rules" params={{ business: business.id }} search={{ q: only.counterparty ?? only.description ?? '' } as never} className="link">
          Make a rule of it
        </Link>
      )}
      <Button onClick={onClear}>Clear</Button>
    </form>
  );
}
