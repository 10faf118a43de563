/** What always means the same is said once: rules, asked in their order, with a preview of what each would alter. */
import { useState } from 'react';
import { advance } from '@/shared/api/tick';
import { useData } from '@/shared/api/use-data';
import { RulesDocument } from '@/shared/graphql/generated';
import { Button } from '@/shared/ui/button';
import { ScreenTitle } from '@/shared/ui/screen';
import { Empty, Failure, Skeleton } from '@/shared/ui/states';
import { may } from '@/shared/view/roles';
import { useView } from '@/shared/view/view';
import { draftOf, EMPTY } from './draft';
import { Editor } from './editor';
import { RuleRow } from './rule-row';
import styles from './rules.module.css';

export function Rules() {
  const { business, search } = useView();
  const { data, problem, at, retry } = useData(RulesDocument, { business: business.id });
  // A new one is begun where a transaction led here.
  const [open, setOpen] = useState<string | undefined>(search.q ? 'new' : undefined);
  const rules = data?.business?.rules;
  const manages = may(business.viewerRole, 'manage');
  const done = (position: number) => {
    setOpen(undefined);
    advance(position);
    retry();
  };
  const leave = () => setOpen(undefined);
  return (
    <>
      <ScreenTitle title="Rules">The first that fits decides. What you choose for a transaction itself stands over every rule.</ScreenTitle>
      {problem && <Failure problem={problem} at={at} retry={retry} />}
      {!rules && !problem && <Skeleton lines={5} height={45} />}
      <p className={styles.settling} role="status">
        {data?.business?.meaningSettled === false && 'The rules are being applied to what is there…'}
      </p>
      {rules?.length === 0 && open !== 'new' && (
        <Empty title="There is no rule yet." action={manages ? <Button primary onClick={() => setOpen('new')}>Make the first one…</Button> : undefined}>
          “Everything from the pallet carrier is freight”: you see what it would change before it does.
        </Empty>
      )}
      {rules && rules.length > 0 && (
        <ol className={styles.rules} aria-label="Rules, in their order">
          {rules.map((rule, index) =>
            open === rule.id ? (
              <li key={rule.id} className={styles.rule}>
                <Editor rules={rules} from={draftOf(rule)} onDone={done} onLeave={leave} />
              </li>
            ) : (
              <RuleRow key={rule.id} rules={rules} index={index} manages={manages && open === undefined} onOpen={setOpen} onDone={done} />
            ),
          )}
        </ol>
      )}
      {rules && rules.length > 0 && manages && open === undefined && (
        <p className={styles.foot}>
          <Button onClick={() => setOpen('new')}>Make a rule…</Button>
        </p>
      )}
      {rules && manages && open === 'new' && <Editor rules={rules} from={{ ...EMPTY, text: search.q ?? '' }} onDone={done} onLeave={leave} />}
    </>
  );
}
