/** Businesses that one owned and that are gone: what was erased when, with the proof. */
import { useState } from 'react';
import { useAction } from '@/shared/api/use-action';
import { useLoaded } from '@/shared/api/use-loaded';
import { type Erased, readCertificate, readErasures } from '@/shared/identity/erasures';
import { formatDay } from '@/shared/time/moment';
import { Button, buttonClass } from '@/shared/ui/button';
import { Dialog } from '@/shared/ui/dialog';
import { Row, Rows, Setting } from '@/shared/ui/settings';
import { Failure } from '@/shared/ui/states';
import styles from './account.module.css';

export function Certificates() {
  const { data } = useLoaded('erasures', readErasures);
  if (!data || data.erasures.length === 0) return null;
  return (
    <Setting id="certificates" title="Erased businesses" note="A certificate can be loaded for ninety days; keep it. It can be checked without this server.">
      <Rows label="Erased businesses">
        {data.erasures.map((erased) => (
          <One key={erased.business} erased={erased} />
        ))}
      </Rows>
    </Setting>
  );
}

function One({ erased }: { erased: Erased }) {
  const [text, setText] = useState<string>();
  const show = useAction(async () => setText(await readCertificate(erased.business)));
  const day = formatDay(erased.erased_at.slice(0, 10));
  if (!erased.done) return <Row title={<code className={styles.id}>{erased.business}</code>} note="Being erased just now." />;
  return (
    <Row title={<code className={styles.id}>{erased.business}</code>} note={`Erased on ${day}, certificate until ${formatDay(erased.certificate_until.slice(0, 10))}`}>
      {show.problem && <Failure problem={show.problem} />}
      <Button disabled={show.busy} onClick={() => void show.run()}>
        Show the certificate
      </Button>
      <a className={buttonClass} href={`/api/v1/erasures/${erased.business}/certificate`} download>
        Save it
      </a>
      {text !== undefined && (
        <Dialog label="Certificate of erasure" onClose={() => setText(undefined)}>
          <div className={styles.certificate}>
            <h2>Certificate of erasure</h2>
            <div className={styles.paper} tabIndex={0} role="region" aria-label="Text of the certificate">
              {text}
            </div>
            <Button onClick={() => setText(undefined)}>Close</Button>
          </div>
        </Dialog>
      )}
    </Row>
  );
}
