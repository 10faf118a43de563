import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';
import { inputClass } from '@/shared/ui/button';
import type { ViewSearch } from '@/shared/view/search';
import { useSetSearch, useView } from '@/shared/view/view';
import styles from './audit.module.css';
import { KINDS } from './kinds';
import type { FilterKey } from './use-filter';
import { type Group, useNames } from './use-names';

export function Filters() {
  const { search, today } = useView();
  const put = usePut();
  const names = useNames();
  return (
    <div className={styles.filters} role="search" aria-label="Filter the audit history">
      <TextFilter />
      <Choose label="Who" all="Everybody" groups={names.who} value={search.who} other={names.of} put={(value) => put('who', value)} />
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
      <Choose label="About" all="About anything" groups={names.about} value={search.about} other={(id) => `Number ${id.slice(-8)}`} put={(value) => put('about', value)} />
      <label>
        from <input type="date" className={inputClass} max={search.to ?? today} value={search.from ?? ''} onChange={(event) => put('from', event.target.value)} />
      </label>
      <label>
        to <input type="date" className={inputClass} min={search.from} max={today} value={search.to ?? ''} onChange={(event) => put('to', event.target.value)} />
      </label>
    </div>
  );
}

interface ChooseProps {
  label: string;
  all: string;
  groups: Group[];
  value: string | undefined;
  /** What a value of the address is called that is not among the groups. */
  other: (value: string) => string;
  put: (value: string) => void;
}

function Choose({ label, all, groups, value, other, put }: ChooseProps) {
  const listed = groups.some(({ choices }) => choices.some((one) => one.value === value));
  return (
    <select className={inputClass} aria-label={label} value={value ?? ''} onChange={(event) => put(event.target.value)}>
      <option value="">{all}</option>
      {value && !listed && <option value={value}>{other(value)}</option>}
      {groups.map(({ group, choices }) => (
        <optgroup key={group} label={group}>
          {choices.map((one) => (
            <option key={one.value} value={one.value}>
              {one.name}
            </option>
          ))}
        </optgroup>
      ))}
    </select>
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
