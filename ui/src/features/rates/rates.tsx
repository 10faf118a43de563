/** Exchange rates: which days lack one, how to bring them, and what is recorded. */
import { useState } from 'react';
import { useData } from '@/shared/api/use-data';
import { RatesDocument } from '@/shared/graphql/generated';
import { formatCount } from '@/shared/number/format';
import { formatDays } from '@/shared/time/period';
import { Button } from '@/shared/ui/button';
import { ScreenTitle } from '@/shared/ui/screen';
import { Setting } from '@/shared/ui/settings';
import { Failure, Skeleton } from '@/shared/ui/states';
import { may } from '@/shared/view/roles';
import { useView } from '@/shared/view/view';
import { EnterRate } from './enter-rate';
import { ImportRates } from './import-rates';
import { type Recorded, RecordedRates } from './recorded-rates';

const DAYS = 30;
/** So many days without a rate are named. */
const NAMED = 12;

export function Rates() {
  const { business, asOf, today } = useView();
  const [days, setDays] = useState(DAYS);
  const variables = { business: business.id, days, ...(asOf ? { asOf } : {}) };
  const { data, problem, at, retry } = useData(RatesDocument, variables, { live: !asOf, keep: true });
  const told = data?.business;
  const changes = may(business.viewerRole, 'manage') && !asOf;
  return (
    <>
      <ScreenTitle title="Exchange rates">Money in other currencies is told in {business.baseCurrency} at the rate of its day.</ScreenTitle>
      {problem && <Failure problem={problem} at={at} retry={retry} />}
      <Setting id="missing" title="Days without a rate" note="A day takes its own rate, or the last one of the seven days before it. Figures that hold other days have no value.">
        {!told && !problem && <Skeleton lines={2} />}
        {told && <Missing days={told.daysWithoutRate} today={today} />}
      </Setting>
      {changes && (
        <>
          <Setting id="import" title="Import" note="The file eurofxref-hist.csv or .xml of the European Central Bank, or a daily one. What you entered by hand stays.">
            <ImportRates onDone={retry} />
          </Setting>
          <Setting id="enter" title="Enter one" note="It stands over what is published for its day. What was known before stays in the history.">
            <EnterRate onDone={retry} />
          </Setting>
        </>
      )}
      <Setting id="recorded" title="Recorded" note="Newest day first.">
        {!told && !problem && <Skeleton lines={6} />}
        {told && <RecordedRates rates={told.exchangeRates as Recorded[]} today={today} />}
        {told && new Set(told.exchangeRates.map((rate) => rate.day)).size >= days && days < 400 && <Button onClick={() => setDays(Math.min(400, days * 4))}>Earlier days</Button>}
      </Setting>
    </>
  );
}

function Missing({ days, today }: { days: readonly { currency: string; day: string; transactionCount: number }[]; today: string }) {
  if (days.length === 0) return <p className="muted">None: every amount has its rate.</p>;
  const byCurrency = new Map<string, string[]>();
  for (const { currency, day } of days) byCurrency.set(currency, [...(byCurrency.get(currency) ?? []), day]);
  return (
    <ul aria-label="Days without a rate">
      {[...byCurrency].map(([currency, of]) => (
        <li key={currency}>
          {currency}: {of.slice(0, NAMED).map((day) => formatDays(day, day, today)).join(', ')}
          {of.length > NAMED && ` and ${formatCount(of.length - NAMED)} more, to ${formatDays(of.at(-1) ?? '', of.at(-1) ?? '', today)}`}
        </li>
      ))}
    </ul>
  );
}
