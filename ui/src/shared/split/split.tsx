/** What a transaction is split in, and the way to split it. */
import { useEffect, useRef, useState } from 'react';
import type { HistoryQuery, LineFragment } from '@/shared/graphql/generated';
import { formatFull, formatMoney } from '@/shared/number/format';
import { Failure } from '@/shared/ui/states';
import { may } from '@/shared/view/roles';
import { useView } from '@/shared/view/view';
import { categoryName, KIND_NAMES } from '@/shared/view/words';
import { endedBy } from './drafts';
import { SplitEditor } from './editor';
import styles from './split.module.css';
import { useSplit } from './use-split';

interface SplitLineProps {
  line: LineFragment;
  history: NonNullable<HistoryQuery['business']>['transactionHistory'] | undefined;
  onChanged: () => void;
}

export function SplitLine({ line, history, onChanged }: SplitLineProps) {
  const { business, asOf } = useView();
  const [writes, setWrites] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const returns = useRef(false);
  const close = () => {
    returns.current = true;
    setWrites(false);
  };
  // Whoever came by keyboard goes on where the editor was opened.
  useEffect(() => {
    if (!writes && returns.current) opener.current?.focus();
    returns.current = false;
  }, [writes]);
  const { go, problem } = useSplit(line, () => {
    close();
    onChanged();
  });
  // What is past is only looked at.
  const changes = may(business.viewerRole, 'manage') && !asOf;
  const isSplit = line.parts.length > 0;
  const ended = !isSplit && history ? endedBy(history) : null;
  if (!changes && !isSplit && !ended) return null;
  return (
    <section className={styles.split} aria-label="Split">
      {ended && (
        <p className={styles.ended}>
          It was split in {ended.before.parts.length}. Its source changed the amount from {formatFull(ended.before.amount, line.currency)} to {formatFull(ended.now.amount, line.currency)}, so the parts no longer add up, and it counts as a whole again.
        </p>
      )}
      {isSplit && !writes && (
        <ul className={styles.parts} aria-label={`Split in ${line.parts.length}`}>
          {line.parts.map((part, at) => (
            <li key={at}>
              <span>
                {categoryName(part.category)} <span className="muted">· {KIND_NAMES[part.kind]}</span>
              </span>
              <span className="num">{formatMoney(part.amount, line.currency)}</span>
              {part.note && <span className={styles.note}>{part.note}</span>}
            </li>
          ))}
        </ul>
      )}
      {changes && writes && <SplitEditor line={line} busy={go.busy} onSave={(parts) => void go.run(parts)} onCancel={close} />}
      {changes && !writes && (
        <div className={styles.row}>
          <button ref={opener} type="button" className="link" onClick={() => setWrites(true)}>
            {isSplit ? 'Change the split' : 'Split'}
          </button>
          {isSplit && (
            <button type="button" className="link" disabled={go.busy} onClick={() => void go.run([])}>
              Take the split back
            </button>
          )}
        </div>
      )}
      {problem && <Failure problem={problem} />}
    </section>
  );
}
