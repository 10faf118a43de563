import { TimeControls } from '@/features/time-controls/time-controls';
import { BusinessSwitcher } from './business-switcher';
import { LiveMark } from './live-mark';
import { Overlays, openPalette } from './overlays';
import { useCurrentScreen } from './screens';
import styles from './shell.module.css';

export function HeadBar() {
  const screen = useCurrentScreen();
  return (
    <header className={styles.head}>
      <div className={styles.phoneOnly}>
        <BusinessSwitcher />
      </div>
      {!screen?.timeless && <TimeControls />}
      <div className={styles.headEnd}>
        <button type="button" className={styles.find} onClick={openPalette} aria-keyshortcuts="Control+K">
          Find or do… <kbd>Ctrl K</kbd>
        </button>
        <LiveMark />
      </div>
      <Overlays />
    </header>
  );
}
