import { type FormEvent, useState } from 'react';
import { useClient } from 'urql';
import { mutate } from '@/shared/api/mutate';
import { useAction } from '@/shared/api/use-action';
import { RecordRateDocument } from '@/shared/graphql/generated';
import { Button } from '@/shared/ui/button';
import { useSay } from '@/shared/ui/notice';
import { formClass } from '@/shared/ui/settings';
import { Failure } from '@/shared/ui/states';
import { TextField } from '@/shared/ui/text-field';
import { useView } from '@/shared/view/view';

export function EnterRate({ onDone }: { onDone: () => void }) {
  const { business, today } = useView();
  const client = useClient();
  const say = useSay();
  const foreign = business.currencies.find((code) => code !== business.baseCurrency) ?? '';
  const [values, setValues] = useState({ day: today, of: foreign, rate: '', note: '' });
  const record = useAction(async () => {
    const { day, of, rate, note } = values;
    await mutate(client, RecordRateDocument, {
      business: business.id,
      rate: { day, base: of.trim().toUpperCase(), quote: business.baseCurrency, rate: rate.trim().replace(',', '.'), note: note.trim() || null },
    });
    say(`The rate of ${of.toUpperCase()} is recorded.`);
    setValues({ ...values, rate: '', note: '' });
    onDone();
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void record.run();
  };
  return (
    <form className={formClass} onSubmit={submit}>
      <TextField label="Day" type="date" required max={today} value={values.day} onChange={(day) => setValues({ ...values, day })} />
      <TextField label="Currency" required maxLength={3} pattern="[A-Za-z]{3}" value={values.of} onChange={(of) => setValues({ ...values, of })} />
      <TextField
        label={`One ${values.of.toUpperCase() || 'unit'} in ${business.baseCurrency}`}
        required
        inputMode="decimal"
        pattern="[0-9]+([.,][0-9]+)?"
        value={values.rate}
        onChange={(rate) => setValues({ ...values, rate })}
      />
      <TextField label="Why" maxLength={500} value={values.note} onChange={(note) => setValues({ ...values, note })} hint="Kept with the rate, for whoever checks it later." />
      {record.problem && <Failure problem={record.problem} />}
      <Button type="submit" disabled={record.busy}>
        {record.busy ? 'Recording…' : 'Record'}
      </Button>
    </form>
  );
}
