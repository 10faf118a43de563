import { useMantineColorScheme } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { signOut } from '@/shared/api/session';
import { useData } from '@/shared/api/use-data';
import { ViewerDocument } from '@/shared/graphql/generated';
import { Dialog } from '@/shared/ui/dialog';
import { keepTime } from '@/shared/view/search';
import { useCategories } from '@/shared/view/use-categories';
import { useOpenDoor, useSetSearch, useView } from '@/shared/view/view';
import { type Action, allCommands, filterCommands, typedCommands } from './commands';
import styles from './palette.module.css';

export interface PaletteProps {
  screens: readonly { to: string; name: string; key: string }[];
  onClose: () => void;
  onKeys: () => void;
}

function useRun({ onClose, onKeys }: Pick<PaletteProps, 'onClose' | 'onKeys'>) {
  const view = useView();
  const navigate = useNavigate();
  const set = useSetSearch();
  const openDoor = useOpenDoor();
  const { setColorScheme } = useMantineColorScheme();
  return (action: Action) => {
    if (action.do !== 'keys') onClose();
    switch (action.do) {
      case 'go':
        return void navigate({ to: action.to as '/b/$business', params: { business: view.business.id }, search: (action.to.startsWith('/b/') ? keepTime(view.search) : {}) as never });
      case 'business':
        return void navigate({ to: '/b/$business', params: { business: action.id } });
      case 'period':
        return set((search) => ({ ...search, period: action.token }));
      case 'known':
        return set(({ known: _known, ...rest }) => (action.token ? { ...rest, known: action.token } : rest));
      case 'compare':
        return set(({ vs: _vs, ...rest }) => (action.before ? { ...rest, vs: 'before' } : rest));
      case 'open':
        return openDoor({ metric: action.metric, category: action.category });
      case 'currency':
        return set((search) => ({ ...search, currency: action.code }));
      case 'colours':
        return setColorScheme(action.scheme);
      case 'keys':
        return onKeys();
      case 'sign-out':
        return void signOut();
    }
  };
}

export function Palette({ screens, onClose, onKeys }: PaletteProps) {
  const view = useView();
  const { data } = useData(ViewerDocument, {}, { live: false });
  const categories = useCategories();
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const run = useRun({ onClose, onKeys });
  const all = useMemo(
    () => allCommands({ view, screens, businesses: data?.viewer.businesses ?? [], categories }),
    [view, screens, data, categories],
  );
  const shown = useMemo(() => [...typedCommands(text, view), ...filterCommands(all, text)], [all, text, view]);
  const current = Math.min(chosen, shown.length - 1);

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [current]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setChosen(Math.min(shown.length - 1, current + 1));
    else if (event.key === 'ArrowUp') setChosen(Math.max(0, current - 1));
    else if (event.key === 'Enter' && shown[current]) run(shown[current].action);
    else return;
    event.preventDefault();
  };

  return (
    <Dialog label="Find or do" onClose={onClose}>
      <input
        className={styles.input}
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={shown[current] ? `palette-${current}` : undefined}
        aria-label="Find a screen, a period, a category or an action"
        placeholder="Find or do… also a date, a month or a position"
        // eslint-disable-next-line jsx-a11y/no-autofocus -- the palette is opened to type into it
        autoFocus
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setChosen(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div className={styles.list} role="listbox" id="palette-list" aria-label="Results" ref={list}>
        {shown.map((command, index) => (
          // The keys are the input's: the options are named to it by aria-activedescendant.
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
          <div
            key={command.id}
            id={`palette-${index}`}
            role="option"
            aria-selected={index === current}
            className={styles.option}
            onPointerMove={() => setChosen(index)}
            onClick={() => run(command.action)}
          >
            <span>{command.label}</span>
            <span>{command.note}</span>
          </div>
        ))}
        {shown.length === 0 && <p className={styles.none}>Nothing of that name.</p>}
      </div>
    </Dialog>
  );
}
