import { Button } from '@/shared/ui/button';
import type { Question } from './api';
import styles from './imports.module.css';
import type { ImportFlow } from './use-import';

/** What the file leaves open. An answer reads it again; without one nothing is imported. */
export function Questions({ flow }: { flow: ImportFlow }) {
  const { file, questions } = flow.state;
  return (
    <section className={styles.questions} role="alert" aria-label="The file leaves something open">
      <p className={styles.dropTitle}>{file?.name} can be read in more than one way</p>
      {questions.map((question) => (
        <div key={question.key} className={styles.question}>
          <p>{question.problem}.</p>
          {question.options.length > 0 ? (
            <div className={styles.actions}>
              {question.options.map((option) => (
                <Button key={option} onClick={() => flow.answer(question, option)}>
                  {meaning(question, option)}
                </Button>
              ))}
            </div>
          ) : (
            <p className="muted">
              Say <code>{question.key}</code> in a mapping and import it with the command line, or export the file with a header row.
            </p>
          )}
        </div>
      ))}
    </section>
  );
}

/** An option in words, with an example where its code is for programmers. */
function meaning({ key }: Question, option: string): string {
  if (key === 'amount.decimal') return option === '.' ? 'The point is the decimal mark' : 'The comma is the decimal mark';
  if (key !== 'date.format') return option;
  const day = option.search(/%-?d/);
  const month = option.search(/%-?[mb]/);
  const example = option.replace('%d', '31').replace('%m', '12').replace('%b', 'Dec').replace('%Y', '2025').replace('%y', '25').replace(/%./g, '00');
  return day < month ? `The day comes first (${example})` : `The month comes first (${example})`;
}
