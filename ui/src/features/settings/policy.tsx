import { Link } from '@tanstack/react-router';
import { useClient } from 'urql';
import { mutate } from '@/shared/api/mutate';
import { useData } from '@/shared/api/use-data';
import { useAction } from '@/shared/api/use-action';
import { PolicyDocument, SetSecondFactorPolicyDocument } from '@/shared/graphql/generated';
import { Button } from '@/shared/ui/button';
import { useSay } from '@/shared/ui/notice';
import { Failure, Skeleton } from '@/shared/ui/states';
import { useView } from '@/shared/view/view';

/** Whether a password alone opens the business. */
export function Policy({ owner }: { owner: boolean }) {
  const { business } = useView();
  const { data, problem, at, retry } = useData(PolicyDocument, { id: business.id });
  const required = data?.business?.needsSecondFactor;
  const client = useClient();
  const say = useSay();
  const put = useAction(async (next: boolean, undoable: boolean) => {
    await mutate(client, SetSecondFactorPolicyDocument, { business: business.id, required: next });
    say(next ? 'Every member needs a second factor now.' : 'A password alone opens this business again.', undoable ? () => void put.run(!next, false) : undefined);
    retry();
  });
  if (required === undefined) return problem ? <Failure problem={problem} at={at} retry={retry} /> : <Skeleton lines={1} />;
  return (
    <>
      <p>
        {required ? 'Every member signs in with a second factor.' : 'A second factor is up to each member.'} <Link to="/account" className="link">Your own</Link>
      </p>
      {put.problem && <Failure problem={put.problem} />}
      {owner && (
        <Button disabled={put.busy} onClick={() => void put.run(!required, true)}>
          {required ? 'Leave it to each member' : 'Require it of every member'}
        </Button>
      )}
    </>
  );
}
