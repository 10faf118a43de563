import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';
import { inputClass } from '@/shared/ui/button';
import type { ViewSearch } from '@/shared/view/search';
import { useSetSearch, useView } from '@/shared/view/view';
import styles from './audit.module.css';
import { KINDS } from './kinds';
import type { FilterKey } from './use-filter';
import { useNames } from './use-names';

export function Filters() {
  const { search, today } = useView();
  const put = usePut();
  const names = useNames();
  return (
    <div className={styles.filters} role="search" aria-label="Filter the audit history">
      <TextFilter />
      <select className={inputClass} aria-label="Who" value={search.who ?? ''} onChange={(event) => put('who', event.target.value)}>
        <option value="">Everybody</option>
        {names.choices.map(({ actor, name }) => (
          <option key={actor} value={actor}>
            {name}
          </option>
        ))}
        {search.who && !names.choices.some((one) => one.actor === search.who) && <option value={search.who}>{names.of(search.who)}</option>}
      </select>
      <select className={inputClass} aria-label="What" value={search.did ?? ''} onChange={(event) => put('did', event.target.value)}>
        <option value="">Everything</option>
        {KINDS.map(({ group, kinds }) => (
          <optgroup key={group} label={group}>
            {kinds.map(([kind, name]) => (
              <option key={kind} value={kind}>
                {name}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
      <label>
        from <input type="date" className={inputClass} max={search.to ?? today} value={search.from ?? ''} onChange={(event) => put('from', event.target.value)} />
      </label>
      <label>
        to <input type="date" className={inputClass} min={search.from} max={today} value={search.to ?? ''} onChange={(event) => put('to', event.target.value)} />
      </label>
    </div>
  );
}

function usePut(): (key: FilterKey, value: string) => void {
  const set = useSetSearch();
  return (key, value) =>
    set(
      (now) => {
        const rest: ViewSearch = { ...now };
        delete rest[key];
        return value === '' ? rest : { ...rest, [key]: value };
      },
      { replace: true },
    );
}

/** Keeps its own text while typing; the URL follows when the reader pauses. */
function TextFilter() {
  const { search } = useView();
  const put = usePut();
  const now = search.q ?? '';
  const [text, setText] = useState(now);
  const sent = useRef(now);
  const send = useDebouncedCallback((value: string) => {
    sent.current = value;
    put('q', value);
  }, 250);
  useEffect(() => {
    if (now === sent.current) return;
    sent.current = now;
    setText(now);
  }, [now]);
  return (
    <input
      type="search"
      className={inputClass}
      aria-label="Search"
      placeholder="Search words"
      value={text}
      onChange={(event) => {
        setText(event.target.value);
        send(event.target.value.trim());
      }}
    />
  );
}
