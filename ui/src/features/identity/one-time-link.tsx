/** Exchanges the link that the machine's owner printed for a session; it works once. */
import { useEffect, useRef, useState } from 'react';
import { signIn } from '@/shared/api/session';
import { Button } from '@/shared/ui/button';
import { Entry, EntryFoot, entryCode } from '@/shared/ui/entry';
import { Link } from '@tanstack/react-router';

type State = 'exchanging' | 'refused' | 'unreachable';

export function OneTimeLink({ token, onDone }: { token: string; onDone: () => Promise<void> }) {
  const [state, setState] = useState<State>('exchanging');
  // The strict mode of development runs effects twice, and the link must not be spent twice.
  const spent = useRef<string | null>(null);
  const exchange = async () => {
    setState('exchanging');
    const answer = await signIn(token);
    if (answer.ok) await onDone();
    else setState(answer.reason);
  };
  useEffect(() => {
    if (spent.current === token) return;
    spent.current = token;
    void exchange();
  }, [token]); // eslint-disable-line react-hooks/exhaustive-deps

  if (state === 'exchanging') {
    return (
      <Entry title="Signing in…">
        <p role="status">The link is being exchanged for a session.</p>
      </Entry>
    );
  }
  if (state === 'unreachable') {
    return (
      <Entry title="The server does not answer" urgent>
        <p>The link was not used. See whether Workdock is running, then try again.</p>
        <p>
          <Button primary onClick={() => void exchange()}>
            Try again
          </Button>
        </p>
      </Entry>
    );
  }
  return (
    <Entry title="This link does not work any more" urgent>
      <p>A link signs in once and only for a few minutes. Nothing is wrong with your data.</p>
      <NewLink />
      <EntryFoot>
        <Link to="/sign-in" search={{}}>
          Sign in with a password
        </Link>
      </EntryFoot>
    </Entry>
  );
}

/** For whoever can read the data folder: the machine's owner needs no account. */
export function NewLink() {
  return (
    <p>
      On the machine that Workdock runs on, this prints a link that signs in once:
      <code className={entryCode}>workdock sign-in</code>
    </p>
  );
}
