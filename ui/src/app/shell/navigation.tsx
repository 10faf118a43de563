import { useMantineColorScheme } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { signOut } from '@/shared/api/session';
import { keepTime } from '@/shared/view/search';
import { useView } from '@/shared/view/view';
import { BusinessSwitcher } from './business-switcher';
import { openKeys, openPalette } from './overlays';
import { type Screen, useScreens } from './screens';
import styles from './shell.module.css';

const NEXT = { auto: 'light', light: 'dark', dark: 'auto' } as const;
const SCHEME_NAMES = { auto: 'System colours', light: 'Light', dark: 'Dark' } as const;

function ScreenLink({ to, name }: Pick<Screen, 'to' | 'name'>) {
  const { business, search } = useView();
  return (
    <Link to={to} params={{ business: business.id }} search={keepTime(search) as never} activeOptions={{ exact: true, includeSearch: false }}>
      {name}
    </Link>
  );
}

export function Rail() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const screens = useScreens();
  return (
    <nav className={styles.rail} aria-label="Screens">
      <span className={styles.brand}>Workdock</span>
      <BusinessSwitcher />
      <div className={styles.links}>
        {screens.map((screen) => (
          <ScreenLink key={screen.to} to={screen.to} name={screen.name} />
        ))}
      </div>
      <div className={styles.railFoot}>
        <button type="button" onClick={() => setColorScheme(NEXT[colorScheme])} data-tip="Change the colours">
          {SCHEME_NAMES[colorScheme]}
        </button>
        <Link to="/account">Your account</Link>
        <button type="button" onClick={openKeys}>
          Keys <kbd>?</kbd>
        </button>
        <button type="button" onClick={() => void signOut()}>
          Sign out
        </button>
      </div>
    </nav>
  );
}

const ON_PHONE = ['Home', 'Cash', 'Transactions', 'Changes'];

export function BottomBar() {
  const screens = useScreens();
  return (
    <nav className={styles.bottom} aria-label="Screens">
      {screens.filter((screen) => ON_PHONE.includes(screen.name)).map((screen) => (
        <ScreenLink key={screen.to} to={screen.to} name={screen.name === 'Transactions' ? 'Lines' : screen.name} />
      ))}
      <button type="button" onClick={openPalette}>
        More
      </button>
    </nav>
  );
}
