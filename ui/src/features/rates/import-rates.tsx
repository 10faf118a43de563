import { useRef, useState } from 'react';
import { useAction } from '@/shared/api/use-action';
import { formatCount } from '@/shared/number/format';
import { Button } from '@/shared/ui/button';
import { Failure } from '@/shared/ui/states';
import { useView } from '@/shared/view/view';
import { importRates, type RatesReport } from './api';

export function ImportRates({ onDone }: { onDone: () => void }) {
  const { business } = useView();
  const input = useRef<HTMLInputElement>(null);
  const [report, setReport] = useState<RatesReport>();
  const bring = useAction(async (file: File) => {
    setReport(await importRates(business.id, file));
    onDone();
  });
  return (
    <>
      <input
        ref={input}
        type="file"
        className="sr"
        tabIndex={-1}
        aria-label="File of exchange rates"
        accept=".csv,.xml,text/csv,text/xml"
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = '';
          if (file) void bring.run(file);
        }}
      />
      <Button disabled={bring.busy} onClick={() => input.current?.click()}>
        {bring.busy ? 'Reading…' : 'Choose a file'}
      </Button>
      {bring.problem && <Failure problem={bring.problem} />}
      {report && <Told report={report} />}
    </>
  );
}

function Told({ report }: { report: RatesReport }) {
  const { read, added, corrected, known, kept, refused, refused_count: more } = report;
  return (
    <div role="status">
      <p>
        {formatCount(read)} rates read: {formatCount(added)} added, {formatCount(corrected)} corrected, {formatCount(known)} known
        {kept > 0 && `, ${formatCount(kept)} left as entered by hand`}, {formatCount(more)} refused.
      </p>
      {refused.length > 0 && (
        <ul>
          {refused.map(({ line, reason }) => (
            <li key={`${line} ${reason}`}>
              Line {line}: {reason}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
