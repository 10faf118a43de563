import { Link, Outlet } from '@tanstack/react-router';
import { Button } from '@/shared/ui/button';
import { Empty } from '@/shared/ui/states';
import styles from './plain.module.css';

export function Root() {
  return <Outlet />;
}

export function NotFound() {
  return (
    <main className={styles.plain}>
      <Empty whole title="There is no such page." action={<Link to="/">Go to the start</Link>}>
        The address may have been cut when it was copied.
      </Empty>
    </main>
  );
}

/** A fault of the page itself; the data is untouched by it. */
export function Crash({ error }: { error: unknown }) {
  return (
    <main className={styles.plain} role="alert">
      <Empty whole title="This page failed." action={<Button onClick={() => window.location.reload()}>Load it again</Button>}>
        <p>Nothing was lost: the page only shows what the server holds.</p>
        <p className={styles.detail}>{error instanceof Error ? error.message : String(error)}</p>
      </Empty>
    </main>
  );
}
