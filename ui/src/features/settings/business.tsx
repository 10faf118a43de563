/** Name, time zone and fiscal year: changed at once, with the way back. */
import { type FormEvent, useState } from 'react';
import { useClient } from 'urql';
import { mutate } from '@/shared/api/mutate';
import { useAction } from '@/shared/api/use-action';
import { useReadAgain } from '@/shared/api/use-head';
import { ChangeFiscalYearDocument, ChangeTimeZoneDocument, RenameBusinessDocument } from '@/shared/graphql/generated';
import { Button, Field } from '@/shared/ui/button';
import { useSay } from '@/shared/ui/notice';
import { formClass } from '@/shared/ui/settings';
import { Failure } from '@/shared/ui/states';
import { TextField } from '@/shared/ui/text-field';
import { useView } from '@/shared/view/view';

const MONTHS = Array.from({ length: 12 }, (_, index) =>
  new Intl.DateTimeFormat(undefined, { month: 'long', timeZone: 'UTC' }).format(Date.UTC(2026, index, 1)),
);
const ZONES = Intl.supportedValuesOf('timeZone');

interface Values {
  name: string;
  timeZone: string;
  fiscalYearFirstMonth: number;
}

export function BusinessForm() {
  const { business } = useView();
  const client = useClient();
  const say = useSay();
  const readAgain = useReadAgain(business.id);
  const { id } = business;
  const now: Values = { name: business.name, timeZone: business.timeZone, fiscalYearFirstMonth: business.fiscalYearFirstMonth };
  const [values, setValues] = useState(now);
  const put = async (from: Values, to: Values) => {
    let position = 0;
    if (to.name !== from.name) position = (await mutate(client, RenameBusinessDocument, { id, name: to.name })).renameBusiness.position;
    if (to.timeZone !== from.timeZone) position = (await mutate(client, ChangeTimeZoneDocument, { id, timeZone: to.timeZone })).changeTimeZone.position;
    if (to.fiscalYearFirstMonth !== from.fiscalYearFirstMonth) {
      position = (await mutate(client, ChangeFiscalYearDocument, { id, firstMonth: to.fiscalYearFirstMonth })).changeFiscalYear.position;
    }
    setValues(to);
    await readAgain(position);
  };
  const undo = useAction(put);
  const save = useAction(async () => {
    const to = { ...values, name: values.name.trim() };
    await put(now, to);
    say('The settings are changed.', () => void undo.run(to, now));
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save.run();
  };
  const changed = values.name.trim() !== now.name || values.timeZone !== now.timeZone || values.fiscalYearFirstMonth !== now.fiscalYearFirstMonth;
  return (
    <form className={formClass} onSubmit={submit}>
      <TextField label="Name" required maxLength={200} value={values.name} onChange={(name) => setValues({ ...values, name })} />
      <TextField label="Time zone" required list="zones" value={values.timeZone} onChange={(timeZone) => setValues({ ...values, timeZone })} hint="Days and months begin at its midnight." />
      <datalist id="zones">
        {ZONES.map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      <Field label="The fiscal year begins in">
        <select value={values.fiscalYearFirstMonth} onChange={(event) => setValues({ ...values, fiscalYearFirstMonth: Number(event.target.value) })}>
          {MONTHS.map((month, index) => (
            <option key={month} value={index + 1}>
              {month}
            </option>
          ))}
        </select>
      </Field>
      {(save.problem ?? undo.problem) && <Problem problem={save.problem ?? undo.problem} />}
      <Button type="submit" disabled={!changed || save.busy}>
        {save.busy ? 'Saving…' : 'Save'}
      </Button>
    </form>
  );
}

const Problem = ({ problem }: { problem: Parameters<typeof Failure>[0]['problem'] | undefined }) => problem && <Failure problem={problem} />;
