/** The categories of the business as its tree has them, and one of one's own. */
import { useId, useState } from 'react';
import { useData } from '@/shared/api/use-data';
import { CategoryTreeDocument, type CategoryTreeQuery, type Kind } from '@/shared/graphql/generated';
import { inputClass } from '@/shared/ui/button';
import { useView } from '@/shared/view/view';
import styles from './meaning.module.css';

export type CategoryNode = NonNullable<CategoryTreeQuery['business']>['categories'][number];

export function useCategoryTree(): readonly CategoryNode[] {
  const { business } = useView();
  return useData(CategoryTreeDocument, { business: business.id }, { live: false }).data?.business?.categories ?? [];
}

/** The kind that goes with a category by itself. */
export const kindOf = (tree: readonly CategoryNode[], category: string): Kind | undefined => tree.find((node) => node.key === category)?.kind;

export interface CategorySelectProps {
  label: string;
  value: string;
  onChange: (category: string) => void;
  /** What the empty choice means. */
  empty: string;
}

const OWN = ' own';

export function CategorySelect({ label, value, onChange, empty }: CategorySelectProps) {
  const id = useId();
  const tree = useCategoryTree();
  const [own, setOwn] = useState(false);
  const groups = tree.filter((node) => node.parent === null);
  const inGroup = (group: CategoryNode) => [group, ...tree.filter((node) => node.parent === group.key)];
  const known = value === '' || tree.some((node) => node.key === value);
  const choose = (next: string) => {
    setOwn(next === OWN);
    onChange(next === OWN ? '' : next);
  };
  return (
    <span className={styles.category}>
      <label htmlFor={id} className="sr">
        {label}
      </label>
      <select id={id} className={inputClass} value={own ? OWN : value} onChange={(event) => choose(event.target.value)}>
        <option value="">{empty}</option>
        {!known && !own && <option value={value}>{value}</option>}
        {groups.map((group) => (
          <optgroup key={group.key} label={group.label}>
            {inGroup(group).map((node) => (
              <option key={node.key} value={node.key}>
                {node.label}
              </option>
            ))}
          </optgroup>
        ))}
        <option value={OWN}>One of your own…</option>
      </select>
      {own && (
        <input className={inputClass} aria-label={`${label}, in your words`} placeholder="its name" maxLength={60} required value={value.replaceAll('_', ' ')} onChange={(event) => onChange(keyOf(event.target.value))} />
      )}
    </span>
  );
}

/** "Office rent" is kept as `office_rent`. */
export const keyOf = (text: string): string => text.toLowerCase().replace(/\s+/g, '_');
