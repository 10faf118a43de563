import { Link } from '@tanstack/react-router';
import { useClient } from 'urql';
import { mutate } from '@/shared/api/mutate';
import { useAction } from '@/shared/api/use-action';
import { SetSecondFactorPolicyDocument } from '@/shared/graphql/generated';
import { Button } from '@/shared/ui/button';
import { useSay } from '@/shared/ui/notice';
import { Failure } from '@/shared/ui/states';
import { useView } from '@/shared/view/view';

export function Policy({ required, owner, onChanged }: { required: boolean; owner: boolean; onChanged: () => void }) {
  const { business } = useView();
  const client = useClient();
  const say = useSay();
  const put = useAction(async (next: boolean, undoable: boolean) => {
    await mutate(client, SetSecondFactorPolicyDocument, { business: business.id, required: next });
    say(next ? 'Every member needs a second factor now.' : 'A password alone opens this business again.', undoable ? () => void put.run(!next, false) : undefined);
    onChanged();
  });
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
