/** What comes again: bills, wages and income with a rhythm, what is expected next, and what did not come. */
import { useClient } from 'urql';
import { mutate } from '@/shared/api/mutate';
import { advance } from '@/shared/api/tick';
import { useAction } from '@/shared/api/use-action';
import { useData } from '@/shared/api/use-data';
import { RecurringDocument, RuleOutRecurringDocument } from '@/shared/graphql/generated';
import { useSay } from '@/shared/ui/notice';
import { ScreenTitle } from '@/shared/ui/screen';
import { Section } from '@/shared/ui/section';
import { Empty, Failure, Skeleton } from '@/shared/ui/states';
import { may } from '@/shared/view/roles';
import { useView } from '@/shared/view/view';
import { SeriesRow } from './series-row';
import styles from './recurring.module.css';
import { parted, type Series } from './words';

/** Found anew every half minute at most: it is asked for when the screen is opened, not with every change. */
export function Recurring() {
  const { business } = useView();
  const client = useClient();
  const say = useSay();
  const { data, problem, at, retry } = useData(RecurringDocument, { business: business.id }, { live: false });
  const put = async (series: string, out: boolean) => {
    const { ruleOutRecurring } = await mutate(client, RuleOutRecurringDocument, { business: business.id, series, out });
    advance(ruleOutRecurring.position);
    retry();
  };
  const undo = useAction(put);
  const ruleOut = useAction(async (series: Series, out: boolean) => {
    await put(series.id, out);
    const name = series.payee ?? 'These payments';
    say(out ? `${name}: not recurring.` : `${name}: recurring again.`, () => void undo.run(series.id, !out));
  });
  const all = data?.business?.recurring;
  const parts = parted(all ?? []);
  const change = may(business.viewerRole, 'manage') ? (series: Series, out: boolean) => void ruleOut.run(series, out) : undefined;
  const refused = ruleOut.problem ?? undo.problem;
  return (
    <>
      <ScreenTitle title="Recurring">Payments that come again and again, found from their days and amounts. What is expected first comes first.</ScreenTitle>
      {problem && <Failure problem={problem} at={at} retry={retry} />}
      {refused && <Failure problem={refused} />}
      {!all && !problem && <Skeleton lines={6} height={45} />}
      {all?.length === 0 && <Empty title="Nothing comes again yet.">A rhythm shows after three or four payments. It is looked for by itself.</Empty>}
      <Part id="missed" title="Did not come" series={parts.missed} change={change} />
      <Part id="out" title="Money out" series={parts.out} change={change} />
      <Part id="in" title="Money in" series={parts.into} change={change} />
      <Part id="ruled-out" title="Not recurring, as you said" series={parts.ruledOut} change={change} />
    </>
  );
}

interface PartProps {
  id: string;
  title: string;
  series: readonly Series[];
  change: ((series: Series, out: boolean) => void) | undefined;
}

function Part({ id, title, series, change }: PartProps) {
  if (series.length === 0) return null;
  return (
    <Section id={`recurring-${id}`} title={title}>
      <ul className={styles.list} aria-labelledby={`recurring-${id}`}>
        {series.map((one) => (
          <SeriesRow key={one.id} series={one} change={change} />
        ))}
      </ul>
    </Section>
  );
}
