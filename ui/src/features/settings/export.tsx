import { useClient } from 'urql';
import { useAction } from '@/shared/api/use-action';
import { ensureSteppedUp } from '@/shared/step-up/ensure';
import { Button } from '@/shared/ui/button';
import { useSay } from '@/shared/ui/notice';
import { download } from '@/shared/ui/save-file';
import { Failure } from '@/shared/ui/states';
import { useView } from '@/shared/view/view';

/** An archive of any size: the browser takes it as it comes, so who asks is made sure of before. */
export function ExportEverything() {
  const { business } = useView();
  const client = useClient();
  const say = useSay();
  const take = useAction(async () => {
    await ensureSteppedUp(client);
    download(`/api/v1/businesses/${business.id}/export`);
    say('The archive is being written; your browser saves it.');
  });
  return (
    <>
      <p>
        A .tar with its part of the log, its transactions, rules, matches, sources, connections, members and all else as CSV and as JSON, the files beside transactions, and a manifest with the length and hash of each file. What opens something is not in it.
      </p>
      {take.problem && <Failure problem={take.problem} />}
      <Button disabled={take.busy} onClick={() => void take.run()}>
        {take.busy ? 'Asking…' : 'Export everything'}
      </Button>
    </>
  );
}
