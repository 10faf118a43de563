import { Link } from '@tanstack/react-router';
import { useData } from '@/shared/api/use-data';
import { ViewerDocument } from '@/shared/graphql/generated';
import { Drop } from '@/shared/ui/drop';
import { useView } from '@/shared/view/view';
import styles from './shell.module.css';

export function BusinessSwitcher() {
  const { business } = useView();
  const { data } = useData(ViewerDocument, {}, { live: false });
  const others = data?.viewer.businesses ?? [business];
  return (
    <div className={styles.switcher}>
      <Drop label={business.name} name="Business">
        {(close) => (
          <ul data-menu="">
            {others.map((one) => (
              <li key={one.id}>
                <Link to="/b/$business" params={{ business: one.id }} aria-current={one.id === business.id || undefined} onClick={close}>
                  {one.name}
                </Link>
              </li>
            ))}
            <li data-apart="">
              <Link to="/new" onClick={close}>
                New business…
              </Link>
            </li>
          </ul>
        )}
      </Drop>
    </div>
  );
}
