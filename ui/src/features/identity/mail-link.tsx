/** Where the links of mails lead that need nothing but to be opened: they work once, and are then gone from the address. */
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { type Problem, problemFrom } from '@/shared/api/problem';
import { confirmEmail, unlock, verifyEmail } from '@/shared/identity/api';
import { Button, primaryClass } from '@/shared/ui/button';
import { Entry } from '@/shared/ui/entry';

interface Words {
  doing: string;
  done: string;
  next: string;
  gone: string;
  again: { to: '/register' | '/account' | '/forgot-password'; label: string };
}

export const VerifyEmail = () => (
  <MailLink
    spend={verifyEmail}
    words={{
      doing: 'Confirming your address…',
      done: 'Your address is confirmed',
      next: 'The account is ready: sign in with the password that you chose.',
      gone: 'A link works once and for a day. Where the address was confirmed before, just sign in.',
      again: { to: '/register', label: 'Send another link' },
    }}
  />
);

export const ConfirmEmail = () => (
  <MailLink
    spend={confirmEmail}
    words={{
      doing: 'Changing your address…',
      done: 'Your address is changed',
      next: 'From now on you sign in with the new one. The old address was told.',
      gone: 'A link works once and for a day. The address stays as it was.',
      again: { to: '/account', label: 'Ask for another link' },
    }}
  />
);

export const Unlock = () => (
  <MailLink
    spend={unlock}
    words={{
      doing: 'Ending the wait…',
      done: 'You can sign in again',
      next: 'The failed attempts count no more.',
      gone: 'A link works once. The wait ends by itself after a while, too.',
      again: { to: '/forgot-password', label: 'Set a new password' },
    }}
  />
);

function MailLink({ spend, words }: { spend: (token: string) => Promise<void>; words: Words }) {
  const { token } = useSearch({ strict: false }) as { token?: string };
  const navigate = useNavigate();
  const [kept] = useState(token);
  const [state, setState] = useState<'doing' | 'done' | Problem>(kept ? 'doing' : { kind: 'refused', text: 'The link is not whole.' });
  const spent = useRef(false);
  const run = async () => {
    if (!kept) return;
    setState('doing');
    try {
      await spend(kept);
      setState('done');
    } catch (error) {
      setState(problemFrom(error));
    }
  };
  useEffect(() => {
    if (spent.current) return;
    spent.current = true;
    // A used link has no business in the history, nor on a screen that is shared.
    void navigate({ to: '.', search: {}, replace: true });
    void run();
  }, []); // eslint-disable-line react-hooks/exhaustive-deps

  if (state === 'doing') {
    return (
      <Entry title={words.doing}>
        <p role="status">This takes a moment.</p>
      </Entry>
    );
  }
  if (state === 'done') {
    return (
      <Entry title={words.done}>
        <p>{words.next}</p>
        <p>
          <Link to="/sign-in" search={{}} className={primaryClass}>
            Sign in
          </Link>
        </p>
      </Entry>
    );
  }
  if (state.kind === 'unreachable' || state.kind === 'server') {
    return (
      <Entry title={state.text} urgent>
        <p>The link was not used. Try again in a moment.</p>
        <p>
          <Button primary onClick={() => void run()}>
            Try again
          </Button>
        </p>
      </Entry>
    );
  }
  return (
    <Entry title="This link does not work any more" urgent>
      <p>{words.gone}</p>
      <p>
        <Link to={words.again.to}>{words.again.label}</Link> · <Link to="/sign-in">Sign in</Link>
      </p>
    </Entry>
  );
}
