/** Rows of parts: it can be saved once they are the transaction to the last digit. */
import { useEffect, useRef, useState } from 'react';
import type { Kind, LineFragment } from '@/shared/graphql/generated';
import { type CategoryNode, CategorySelect, kindOf, useCategoryTree } from '@/shared/meaning/category-select';
import { compare, isNegative, isZero, negate } from '@/shared/number/decimal';
import { formatFull } from '@/shared/number/format';
import { Button, Field, inputClass } from '@/shared/ui/button';
import { KINDS } from '@/shared/view/search';
import { KIND_NAMES } from '@/shared/view/words';
import { type Draft, draftsOf, emptyDraft, LEAST_PARTS, MOST_PARTS, type Part, partsOf, remaining, typed, withTheRest } from './drafts';
import styles from './split.module.css';

interface EditorProps {
  line: LineFragment;
  busy: boolean;
  onSave: (parts: Part[]) => void;
  onCancel: () => void;
}

export function SplitEditor({ line, busy, onSave, onCancel }: EditorProps) {
  const tree = useCategoryTree();
  const usual: Kind = isNegative(line.amount) ? 'EXPENSE' : 'REVENUE';
  const [drafts, setDrafts] = useState(() => draftsOf(line));
  const next = useRef(MOST_PARTS);
  const form = useRef<HTMLFormElement>(null);
  const focusLast = useRef(false);
  useEffect(() => form.current?.querySelector('input')?.focus(), []);
  useEffect(() => {
    if (focusLast.current) form.current?.querySelector<HTMLInputElement>('li:last-child input')?.focus();
    focusLast.current = false;
  }, [drafts.length]);
  const kind = (category: string) => kindOf(tree, category);
  const own = drafts.map((draft) => ({ ...draft, kind: draft.kind ?? usual }));
  const parts = partsOf(line.amount, own, kind);
  const change = (id: number, to: Partial<Draft>) => setDrafts((now) => now.map((draft) => (draft.id === id ? { ...draft, ...to } : draft)));
  const more = () => {
    focusLast.current = true;
    setDrafts((now) => [...now, emptyDraft(next.current++)]);
  };
  return (
    <form
      ref={form}
      className={styles.form}
      aria-label="Split"
      onSubmit={(event) => {
        event.preventDefault();
        if (parts) onSave(parts);
      }}
    >
      <ol className={styles.rows}>
        {own.map((draft, at) => (
          <Row
            key={draft.id}
            name={`Part ${at + 1}`}
            draft={draft}
            tree={tree}
            rest={isZero(remaining(line.amount, own)) ? null : withTheRest(line.amount, own, draft)}
            change={(to) => change(draft.id, to)}
            remove={own.length > LEAST_PARTS ? () => setDrafts((now) => now.filter((one) => one.id !== draft.id)) : undefined}
          />
        ))}
      </ol>
      <Left line={line} drafts={own} ready={parts !== null} />
      <div className={styles.buttons}>
        {own.length < MOST_PARTS && <Button onClick={more}>Another part</Button>}
        <Button primary type="submit" disabled={busy || parts === null}>
          Save the split
        </Button>
        <Button onClick={onCancel}>Cancel</Button>
      </div>
    </form>
  );
}

function Left({ line, drafts, ready }: { line: LineFragment; drafts: readonly Draft[]; ready: boolean }) {
  const left = remaining(line.amount, drafts);
  const way = compare(left, '0');
  const open = 'All of it is shared out. Each part still needs an amount and a category.';
  const text = way > 0 ? `${formatFull(left, line.currency)} left to share out` : way < 0 ? `${formatFull(negate(left), line.currency)} more than the transaction` : ready ? 'All of it is shared out.' : open;
  return (
    <p className={styles.left} role="status" data-over={way < 0 || undefined}>
      {text}
    </p>
  );
}

interface RowProps {
  name: string;
  draft: Draft;
  tree: readonly CategoryNode[];
  /** Its amount with what is left; null where nothing is, or too much is taken. */
  rest: string | null;
  change: (to: Partial<Draft>) => void;
  remove: (() => void) | undefined;
}

function Row({ name, draft, tree, rest, change, remove }: RowProps) {
  const wrong = draft.amount.trim() !== '' && typed(draft.amount) === null;
  const own = draft.category !== '' && kindOf(tree, draft.category) === undefined;
  return (
    <li>
      <fieldset className={styles.part}>
        <legend className="sr">{name}</legend>
        <Field label="Amount">
          <input className={inputClass} inputMode="decimal" autoComplete="off" aria-invalid={wrong || undefined} value={draft.amount} onChange={(event) => change({ amount: event.target.value })} />
        </Field>
        <CategorySelect label={`Category of ${name.toLowerCase()}`} value={draft.category} onChange={(category) => change({ category, kind: null })} empty="Category…" />
        {own && (
          <select className={inputClass} aria-label="Counted as" value={draft.kind ?? ''} onChange={(event) => change({ kind: event.target.value as Kind })}>
            {KINDS.map((one) => (
              <option key={one} value={one}>
                {KIND_NAMES[one]}
              </option>
            ))}
          </select>
        )}
        <input className={inputClass} aria-label={`Note on ${name.toLowerCase()}`} placeholder="Note, if you like" maxLength={500} value={draft.note} onChange={(event) => change({ note: event.target.value })} />
        <span className={styles.tools}>
          {rest !== null && (
            <button type="button" className="link" aria-label={`Put the rest in ${name.toLowerCase()}`} onClick={() => change({ amount: rest })}>
              The rest
            </button>
          )}
          {remove && (
            <button type="button" className="link" aria-label={`Remove ${name.toLowerCase()}`} onClick={remove}>
              Remove
            </button>
          )}
        </span>
      </fieldset>
    </li>
  );
}
