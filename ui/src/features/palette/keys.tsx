import { Dialog } from '@/shared/ui/dialog';
import styles from './palette.module.css';

export interface Screen {
  to: string;
  name: string;
  key: string;
}

const KEYS: [string, string][] = [
  ['Ctrl K', 'find a screen, a period, a category or an action'],
  ['[ and ]', 'the period before and after'],
  ['j and k', 'next and previous line in a list'],
  ['Enter', 'open what has the focus'],
  ['Esc', 'close the open panel'],
  ['t', 'in a chart: its table and back'],
  ['← and →', 'in a chart: read its values'],
  ['?', 'these keys'],
];

export function Keys({ screens, onClose }: { screens: readonly Screen[]; onClose: () => void }) {
  return (
    <Dialog label="Keys" onClose={onClose}>
      <div className={styles.keys} tabIndex={0} role="region" aria-label="List of keys">
        <h2>Keys</h2>
        <dl>
          {KEYS.map(([key, meaning]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{meaning}</dd>
            </div>
          ))}
          {screens.map((screen) => (
            <div key={screen.key}>
              <dt>
                <kbd>g</kbd> <kbd>{screen.key}</kbd>
              </dt>
              <dd>{screen.name}</dd>
            </div>
          ))}
        </dl>
      </div>
    </Dialog>
  );
}
