/** Exchanges the one-time link for a session; without one it says how to get a new link. */
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { signIn } from '@/shared/api/session';
import { Button } from '@/shared/ui/button';
import { entryCode } from '@/shared/ui/entry';
import styles from './sign-in.module.css';

type State = 'waiting' | 'exchanging' | 'refused' | 'unreachable';

export function SignIn() {
  const { token, back } = useSearch({ strict: false }) as { token?: string; back?: string };
  const navigate = useNavigate();
  const [state, setState] = useState<State>(token ? 'exchanging' : 'waiting');
  // A link works once: the strict mode of development must not spend it twice.
  const spent = useRef<string | null>(null);

  const exchange = async (link: string) => {
    setState('exchanging');
    const answer = await signIn(link);
    if (answer.ok) await navigate({ href: back ?? '/', replace: true });
    else setState(answer.reason);
  };
  useEffect(() => {
    if (!token || spent.current === token) return;
    spent.current = token;
    void exchange(token);
  }, [token]); // eslint-disable-line react-hooks/exhaustive-deps

  return (
    <main className={styles.page}>
      <p className={styles.brand}>Workdock</p>
      {state === 'exchanging' && <p aria-live="polite">Signing in…</p>}
      {state === 'waiting' && (
        <>
          <h1>{back ? 'Your session has ended' : 'Sign in'}</h1>
          <p>
            {back
              ? 'Sessions are short. What you were looking at is kept, and nothing was lost; sign in again to go on there.'
              : 'You sign in with a one-time link from the machine that Workdock runs on.'}
          </p>
          <NewLink />
        </>
      )}
      {state === 'refused' && (
        <div role="alert">
          <h1>This link does not work any more</h1>
          <p>A link signs in once and only for a few minutes. Nothing is wrong with your data.</p>
          <NewLink />
        </div>
      )}
      {state === 'unreachable' && (
        <div role="alert">
          <h1>The server does not answer</h1>
          <p>The link was not used. See whether Workdock is running, then try again.</p>
          <Button primary onClick={() => token && void exchange(token)}>
            Try again
          </Button>
        </div>
      )}
    </main>
  );
}

function NewLink() {
  return (
    <p>
      For a new link, run this there and open what it prints:
      <code className={entryCode}>workdock sign-in</code>
    </p>
  );
}
