/** What an auditor takes along: the log with its proofs, a checkpoint to keep, and the command that checks them. */
import { buttonClass } from '@/shared/ui/button';
import { useView } from '@/shared/view/view';
import styles from './audit.module.css';

export function Proof() {
  const { business } = useView();
  return (
    <details className={styles.proof}>
      <summary>Check that nothing was altered</summary>
      <p>
        Each event is chained to the one before it, and the whole log is signed once a minute. Take the log of {business.name} with its proofs, texts sealed, and check it on a machine that knows nothing of this one. Keep a checkpoint, too: a later log must go on from it.
      </p>
      <div className={styles.filters}>
        <a className={buttonClass} href={`/api/v1/businesses/${business.id}/audit/log`} download>
          Log with proofs
        </a>
        <a className={buttonClass} href="/api/v1/audit/checkpoint" download="checkpoint.txt">
          Newest checkpoint
        </a>
      </div>
      <p>
        <code>{`workdock audit verify workdock-log-${business.id}.jsonl --business ${business.id} --checkpoint checkpoint.txt --key KEY`}</code>
      </p>
      <p>
        KEY is the public key of the installation, which you should have from elsewhere: whoever runs it prints it with <code>workdock audit key</code>.
      </p>
    </details>
  );
}
