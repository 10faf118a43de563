import { formatCount, formatMany } from '@/shared/number/format';
import { Button } from '@/shared/ui/button';
import { Section } from '@/shared/ui/section';
import { type Preview, refusedCount } from './api';
import { Progress } from './chooser';
import styles from './imports.module.css';
import { MappingForm } from './mapping-form';
import { ReportView } from './report-view';
import { Sample } from './sample';
import { StatementForm } from './statement-form';
import type { ImportFlow } from './use-import';

/** What the file would add, how its rows are read, and the mapping that reads them. */
export function PreviewStep({ flow, preview }: { flow: ImportFlow; preview: Preview }) {
  const { state } = flow;
  const { report } = preview;
  const busy = state.step === 'reading' || state.step === 'writing';
  const refused = refusedCount(report);
  return (
    <div className={styles.preview} aria-busy={busy}>
      <div className={styles.verdict}>
        <p className={styles.verdictText}>
          <strong>{state.file?.name}</strong> {verdict(report.added, report.known, refused)}
        </p>
        <div className={styles.actions}>
          {state.step === 'writing' ? (
            <Progress share={state.progress} size={state.file?.size ?? 0} doing="Writing" />
          ) : (
            <>
              {state.stale ? (
                <Button primary onClick={flow.again} disabled={busy}>
                  {busy ? 'Reading…' : hasColumns(preview) ? 'Read again with this mapping' : 'Read again'}
                </Button>
              ) : (
                <Button primary onClick={flow.write} disabled={busy || report.added + (report.amended ?? 0) === 0}>
                  Write {formatMany(report.added, 'transaction')}
                </Button>
              )}
              <Button onClick={flow.reset}>Another file</Button>
            </>
          )}
        </div>
      </div>
      <div className={styles.columns}>
        <Section id="would" title="What it would add" note={state.stale ? 'with the mapping as it was before your changes' : undefined}>
          <ReportView report={report} />
        </Section>
        {hasColumns(preview) ? (
          <Section id="mapping" title="How its columns are read" note={certainty(preview.certainty)}>
            <MappingForm mapping={state.mapping ?? preview.mapping} columns={preview.columns} account={state.account} onChange={flow.edit} onAccount={flow.setAccount} />
          </Section>
        ) : (
          <Section id="mapping" title="How it is read" note={certainty(preview.certainty)}>
            <StatementForm preview={preview} account={state.account} onAccount={flow.setAccount} />
          </Section>
        )}
      </div>
      <Section id="sample" title="Its first rows, as they will be read">
        <Sample rows={preview.sample} />
      </Section>
    </div>
  );
}

const hasColumns = (preview: Preview): boolean => preview.columns.length > 0;

function verdict(added: number, known: number, refused: number): string {
  const parts = [`would add ${formatMany(added, 'transaction')}`];
  if (known > 0) parts.push(`${formatCount(known)} ${known === 1 ? 'is' : 'are'} known already`);
  if (refused > 0) parts.push(`${formatMany(refused, 'line')} cannot be read`);
  return `${parts.join('; ')}.`;
}

function certainty(value: Preview['certainty']): string | undefined {
  if (!value) return undefined;
  return value === 'sure' ? 'detected, certain' : `detected, please check: ${value}`;
}
