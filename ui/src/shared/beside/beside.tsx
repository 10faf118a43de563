/** What is kept beside a transaction: a memo, and receipts that are dropped on it. */
import { useData } from '@/shared/api/use-data';
import { BesideDocument, type LineFragment } from '@/shared/graphql/generated';
import { Failure, Skeleton } from '@/shared/ui/states';
import { may } from '@/shared/view/roles';
import { useView } from '@/shared/view/view';
import styles from './beside.module.css';
import { Files } from './files';
import { Memo } from './memo';

export function BesideLine({ line }: { line: Pick<LineFragment, 'id' | 'account'> }) {
  const { business } = useView();
  const { data, problem, retry } = useData(BesideDocument, { business: business.id, transaction: line.id });
  const beside = data?.business?.beside;
  const of = { business: business.id, account: line.account.id, transaction: line.id };
  const changes = may(business.viewerRole, 'manage');
  if (problem && !beside) return <Failure problem={problem} retry={retry} />;
  if (!beside) return <Skeleton lines={2} />;
  return (
    <section className={styles.beside} aria-label="Memo and files">
      <Memo key={beside.memo?.at ?? ''} of={of} memo={beside.memo?.text ?? null} changes={changes} onChanged={retry} />
      <Files of={of} files={beside.attachments} changes={changes} onChanged={retry} />
    </section>
  );
}
