import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';
import { inputClass } from '@/shared/ui/button';
import { KINDS, type ViewSearch } from '@/shared/view/search';
import { useCategories } from '@/shared/view/use-categories';
import { useSetSearch, useView } from '@/shared/view/view';
import { categoryName, KIND_NAMES } from '@/shared/view/words';
import styles from './transactions.module.css';

/** Sets one filter, or takes it off. */
function withFilter<K extends keyof ViewSearch>(search: ViewSearch, key: K, value: ViewSearch[K] | ''): ViewSearch {
  const rest = { ...search };
  delete rest[key];
  return value === '' || value === undefined ? rest : { ...rest, [key]: value };
}

export function Filters() {
  const { business, search } = useView();
  const set = useSetSearch();
  const categories = useCategories();
  const filter = <K extends keyof ViewSearch>(key: K, value: ViewSearch[K] | '') => set((now) => withFilter(now, key, value), { replace: true });
  return (
    <div className={styles.filters} role="search">
      <SearchBox />
      <select className={inputClass} aria-label="Category" value={search.incategory ?? ''} onChange={(event) => filter('incategory', event.target.value)}>
        <option value="">All categories</option>
        {categories.map((category) => (
          <option key={category} value={category}>
            {categoryName(category)}
          </option>
        ))}
      </select>
      <select className={inputClass} aria-label="Account" value={search.inaccount ?? ''} onChange={(event) => filter('inaccount', event.target.value)}>
        <option value="">All accounts</option>
        {business.accounts.map((account) => (
          <option key={account.id} value={account.id}>
            {account.name}
          </option>
        ))}
      </select>
      <select className={inputClass} aria-label="Kind" value={search.kind ?? ''} onChange={(event) => filter('kind', event.target.value as ViewSearch['kind'] & string)}>
        <option value="">All kinds</option>
        {KINDS.map((kind) => (
          <option key={kind} value={kind}>
            {KIND_NAMES[kind]}
          </option>
        ))}
      </select>
      {search.inpayout && (
        <button type="button" className="link" onClick={() => filter('inpayout', '')}>
          Only what is in one payout. Show all
        </button>
      )}
      <select className={inputClass} aria-label="Order" value={search.largest ? '1' : ''} onChange={(event) => filter('largest', event.target.value === '1' ? true : '')}>
        <option value="">By day</option>
        <option value="1">Largest first</option>
      </select>
    </div>
  );
}

/** Keeps its own text while typing; the URL follows when the reader pauses. */
function SearchBox() {
  const { search } = useView();
  const set = useSetSearch();
  const [text, setText] = useState(search.q ?? '');
  const sent = useRef(search.q ?? '');
  const send = useDebouncedCallback((value: string) => {
    sent.current = value;
    set((now) => withFilter(now, 'q', value), { replace: true });
  }, 250);
  useEffect(() => {
    if ((search.q ?? '') !== sent.current) {
      sent.current = search.q ?? '';
      setText(search.q ?? '');
    }
  }, [search.q]);
  return (
    <input
      type="search"
      className={inputClass}
      placeholder="Search text, counterparty, reference"
      aria-label="Search"
      value={text}
      onChange={(event) => {
        setText(event.target.value);
        send(event.target.value.trim());
      }}
    />
  );
}
