import { Field } from '@/shared/ui/button';
import { ColumnSelect } from './column-select';
import { type Amount, AMOUNT_STYLES, type AmountStyle, amountStyle, withAmountStyle } from './mapping';

export interface AmountFieldsProps {
  amount: Amount | undefined;
  columns: string[];
  onChange: (amount: Amount) => void;
}

const COLUMNS: Record<AmountStyle, [keyof Amount & ('column' | 'debit' | 'credit' | 'direction' | 'quantity' | 'price'), string][]> = {
  signed: [['column', 'Amount']],
  'debit-credit': [
    ['debit', 'Money out'],
    ['credit', 'Money in'],
  ],
  direction: [
    ['column', 'Amount'],
    ['direction', 'In or out'],
  ],
  'quantity-price': [
    ['quantity', 'Quantity'],
    ['price', 'Price'],
  ],
};

const words = (text: string): string[] =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean);

export function AmountFields({ amount, columns, onChange }: AmountFieldsProps) {
  const style = amountStyle(amount);
  const set = (change: Partial<Amount>) => onChange({ ...amount, ...change });
  return (
    <>
      <Field label="Amounts stand in">
        <select value={style} onChange={(event) => onChange(withAmountStyle(amount, event.target.value as AmountStyle, columns))}>
          {Object.entries(AMOUNT_STYLES).map(([key, label]) => (
            <option key={key} value={key}>
              {label}
            </option>
          ))}
        </select>
      </Field>
      {COLUMNS[style].map(([key, label]) => (
        <ColumnSelect key={key} label={label} columns={columns} value={amount?.[key]} onChange={(column) => set({ [key]: column })} required />
      ))}
      {style === 'direction' && (
        <>
          <Field label="Values that mean in">
            <input value={(amount?.in ?? []).join(', ')} onChange={(event) => set({ in: words(event.target.value) })} />
          </Field>
          <Field label="Values that mean out">
            <input value={(amount?.out ?? []).join(', ')} onChange={(event) => set({ out: words(event.target.value) })} />
          </Field>
        </>
      )}
      {style === 'signed' && (
        <Field label="A plus means">
          <select
            value={amount?.invert ? 'out' : 'in'}
            onChange={(event) => {
              const { invert: _invert, ...rest } = amount ?? {};
              onChange(event.target.value === 'out' ? { ...rest, invert: true } : rest);
            }}
          >
            <option value="in">money in</option>
            <option value="out">money out</option>
          </select>
        </Field>
      )}
      <Field label="Decimal mark">
        <select value={amount?.decimal ?? '.'} onChange={(event) => set({ decimal: event.target.value })}>
          <option value=".">point, 1234.50</option>
          <option value=",">comma, 1234,50</option>
        </select>
      </Field>
      <Field label="Thousands">
        <select value={amount?.thousands ?? 'none'} onChange={(event) => set({ thousands: event.target.value })}>
          <option value="none">not marked</option>
          <option value=",">comma, 1,234</option>
          <option value=".">point, 1.234</option>
          <option value="'">apostrophe, 1’234</option>
          <option value=" ">space, 1 234</option>
        </select>
      </Field>
    </>
  );
}
