import { useMemo } from 'react';
import { Figure } from '@/shared/ui/figure';
import { useView } from '@/shared/view/view';
import styles from './home.module.css';
import { buildSentence, type SummaryData } from './sentence';

/** The first thing on the page: the answer, whose every figure opens. */
export function Answer({ summary }: { summary: SummaryData | undefined }) {
  const { period, compare, today } = useView();
  const segments = useMemo(
    () => (summary ? buildSentence({ summary, period, compare, today }) : []),
    [summary, period, compare, today],
  );
  if (!summary) {
    return (
      <p className={styles.answer} aria-busy="true">
        <span className={styles.answerBone} />
        <span className={styles.answerBone} data-short="" />
      </p>
    );
  }
  return (
    <p className={styles.answer}>
      {segments.map((segment, index) =>
        typeof segment === 'string' ? (
          <span key={index}>{segment}</span>
        ) : (
          <Figure
            key={index}
            value={segment.figure?.value ?? null}
            unit={segment.figure?.unit ?? 'MONEY'}
            currency={segment.figure?.currency}
            position={summary.known.position}
            tone={segment.tone}
            door={segment.door}
            words={segment.figure === null}
          >
            {segment.text}
          </Figure>
        ),
      )}
    </p>
  );
}
