/** Everything inside a business: its view from the URL, the live line, the shell and the open panel. */
import { Link, Outlet, useParams } from '@tanstack/react-router';
import { lazy, Suspense, useEffect } from 'react';
import { useData } from '@/shared/api/use-data';
import { BusinessNowDocument } from '@/shared/graphql/generated';
import { known } from '@/shared/live/live';
import { advance, useTick } from '@/shared/api/tick';
import { confirmIdentity } from '@/shared/step-up/step-up';
import { Button } from '@/shared/ui/button';
import { Empty, Failure } from '@/shared/ui/states';
import { useView, ViewProvider } from '@/shared/view/view';
import { useLive } from './live';
import styles from './plain.module.css';
import { Shell, ShellSkeleton } from './shell/shell';

const loadExplain = () => import('@/features/explain/panel');
const ExplainPanel = lazy(() => loadExplain().then(({ ExplainPanel: component }) => ({ default: component })));

const EventPanel = lazy(() => import('@/features/audit/event-panel').then(({ EventPanel: component }) => ({ default: component })));

const MINUTE = 60_000;

export function BusinessLayout() {
  const { business: id } = useParams({ strict: false }) as { business: string };
  const { data, problem, at, retry } = useData(BusinessNowDocument, { id }, { live: false });
  const business = data?.business;
  const position = business?.known.position;
  const knownAt = business?.known.at ?? null;
  const tick = useTick();
  useLive(id);

  useEffect(() => {
    if (position === undefined) return;
    known(position, knownAt);
    advance(position);
  }, [position, knownAt]);

  // The day and the last booked day move on; a business without lines waits for its first ones.
  const empty = business?.firstDay === null;
  useEffect(() => {
    const timer = setInterval(retry, empty ? 3000 : MINUTE);
    return () => clearInterval(timer);
  }, [retry, empty]);

  useEffect(() => {
    if (business) document.title = `${business.name} · Workdock`;
  }, [business]);

  if (problem?.code === 'SECOND_FACTOR') return <NeedsSecondFactor text={problem.text} retry={retry} />;
  // Also where it was there before: whoever has been removed keeps nothing of it on the screen.
  if (problem?.code === 'NOT_FOUND') return <NotThere />;
  if (!data) {
    return problem && problem.kind !== 'signed-out' ? (
      <main className={styles.plain}>
        <Failure problem={problem} at={at} retry={retry} />
      </main>
    ) : (
      <ShellSkeleton />
    );
  }
  if (!business) return <NotThere />;
  // The screens read at the known position from the start: otherwise each would ask twice.
  if (tick === 0 && position !== 0) return <ShellSkeleton />;
  return (
    <ViewProvider business={business}>
      <Framed />
    </ViewProvider>
  );
}

function NotThere() {
  return (
    <main className={styles.plain}>
      <Empty whole title="This business is not there, or not yours to see." action={<a href="/">Go to the start</a>} />
    </main>
  );
}

/** The business asks all its members for a second factor, and this session has not shown one. */
function NeedsSecondFactor({ text, retry }: { text: string; retry: () => void }) {
  const show = () =>
    void confirmIdentity().then(retry, () => undefined);
  return (
    <main className={styles.plain}>
      <Empty
        whole
        title="This business asks for your second factor."
        action={
          <>
            <Button primary onClick={show}>
              Show it
            </Button>
            <Link to="/account">Set one up</Link>
          </>
        }
      >
        {text}
      </Empty>
    </main>
  );
}

const AFTER_FIRST_VIEW = 4000;

function Framed() {
  const { search } = useView();
  // Every figure is a door: what opens it is here before it is asked for, and while the server is away.
  useEffect(() => {
    const timer = setTimeout(() => void loadExplain().catch(() => undefined), AFTER_FIRST_VIEW);
    return () => clearTimeout(timer);
  }, []);
  const Panel = search.event !== undefined ? EventPanel : search.open !== undefined || search.tx !== undefined ? ExplainPanel : null;
  return (
    <Shell
      panel={
        Panel && (
          <Suspense fallback={null}>
            <Panel />
          </Suspense>
        )
      }
    >
      <Outlet />
    </Shell>
  );
}
