/** Where the link of an invitation leads: joining takes an account with the invited address. */
import { Link, useNavigate, useRouterState } from '@tanstack/react-router';
import { useClient } from 'urql';
import { appear } from '@/shared/api/appear';
import { mutate } from '@/shared/api/mutate';
import { queryStore } from '@/shared/api/query-store';
import { useAction } from '@/shared/api/use-action';
import { useLoaded } from '@/shared/api/use-loaded';
import { AcceptInvitationDocument } from '@/shared/graphql/generated';
import { readProfile } from '@/shared/identity/api';
import { Button, buttonClass, primaryClass } from '@/shared/ui/button';
import { Entry, EntryFoot } from '@/shared/ui/entry';
import { Failure, Skeleton } from '@/shared/ui/states';

/** The letter's link carries it behind the #, which no server and no log on the way sees. */
function useToken(): string | undefined {
  const hash = useRouterState({ select: (state) => state.location.hash });
  return new URLSearchParams(hash).get('token') ?? undefined;
}

export function AcceptInvitation() {
  const token = useToken();
  const client = useClient();
  const navigate = useNavigate();
  const { data: profile, problem, reload } = useLoaded('profile', readProfile);
  const accept = useAction(async () => {
    const { acceptInvitation } = await mutate(client, AcceptInvitationDocument, { token: token ?? '' });
    queryStore.clear();
    await appear(client, acceptInvitation.id, acceptInvitation.position);
    await navigate({ to: '/b/$business', params: { business: acceptInvitation.id }, replace: true });
  });
  const here = `/invitation#token=${token ?? ''}`;
  if (!token) {
    return (
      <Entry title="This link is not whole" urgent>
        <p>It may have been cut when it was copied. Open it from the mail once more.</p>
      </Entry>
    );
  }
  if (problem?.kind === 'signed-out') {
    return (
      <Entry title="You are invited">
        <p>To join, sign in with the address that the invitation was sent to. Without an account yet, make one and then open the link of the mail again.</p>
        <p>
          <Link to="/sign-in" search={{ back: here } as never} className={primaryClass}>
            Sign in
          </Link>{' '}
          <Link to="/register" className={buttonClass}>
            Make an account
          </Link>
        </p>
      </Entry>
    );
  }
  return (
    <Entry title="You are invited">
      {problem && <Failure problem={problem} retry={() => void reload()} />}
      {!profile && !problem && <Skeleton lines={2} />}
      {profile && (
        <>
          <p>
            You are signed in as <strong>{profile.email ?? profile.name}</strong>. The link works once, and only for the address that it was sent to.
          </p>
          {accept.problem && <Failure problem={accept.problem} />}
          <p>
            <Button primary disabled={accept.busy} onClick={() => void accept.run()}>
              {accept.busy ? 'Joining…' : 'Join the business'}
            </Button>
          </p>
        </>
      )}
      <EntryFoot>
        <p>
          Not for you? <Link to="/">Leave it</Link>; nothing happens.
        </p>
      </EntryFoot>
    </Entry>
  );
}
