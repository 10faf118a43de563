/** A mapping as the server reads it (JSON with the keys of the TOML file), and the edits the form makes to it. */

/** A header, or a place counted from 1 as "#4". */
export type Column = string;

export interface Mapping {
  name?: string;
  file?: { delimiter?: string; encoding?: string; quote?: string; preamble?: number; header?: boolean; columns?: string[] };
  date?: { column?: Column; value?: Column; format?: string; pivot?: number; zone?: string };
  amount?: Amount;
  currency?: { always?: string; column?: Column };
  account?: { name?: string; column?: Column };
  columns?: { id?: Column; description?: Column | Column[]; counterparty?: Column; reference?: Column; category?: Column };
  skip?: unknown[];
  rules?: { when?: Record<string, string | string[]>; sign?: 'in' | 'out'; category: string; kind?: string }[];
  otherwise?: { in?: Outcome; out?: Outcome };
}
interface Outcome {
  category: string;
  kind?: string;
}
export interface Amount {
  column?: Column;
  debit?: Column;
  credit?: Column;
  direction?: Column;
  in?: string[];
  out?: string[];
  quantity?: Column;
  price?: Column;
  invert?: boolean;
  decimal?: string;
  thousands?: string;
}

export type AmountStyle = 'signed' | 'debit-credit' | 'direction' | 'quantity-price';

export const AMOUNT_STYLES: Record<AmountStyle, string> = {
  signed: 'One column with its sign',
  'debit-credit': 'Money out and money in apart',
  direction: 'Amount, and a column that says in or out',
  'quantity-price': 'Quantity × price',
};

export function amountStyle(amount: Amount | undefined): AmountStyle {
  if (amount?.quantity !== undefined || amount?.price !== undefined) return 'quantity-price';
  if (amount?.debit !== undefined || amount?.credit !== undefined) return 'debit-credit';
  if (amount?.direction !== undefined) return 'direction';
  return 'signed';
}

/** Turns to another style: the marks of its numbers stay, its columns are to be chosen. */
export function withAmountStyle(amount: Amount | undefined, style: AmountStyle, columns: readonly string[]): Amount {
  const { decimal, thousands } = amount ?? {};
  const marks = { ...(decimal ? { decimal } : {}), ...(thousands ? { thousands } : {}) };
  const first = amount?.column ?? columns[0] ?? '';
  const second = columns.find((column) => column !== first) ?? first;
  switch (style) {
    case 'signed':
      return { ...marks, column: first };
    case 'debit-credit':
      return { ...marks, debit: first, credit: second };
    case 'direction':
      return { ...marks, column: first, direction: second, in: [], out: [] };
    case 'quantity-price':
      return { ...marks, quantity: first, price: second };
  }
}

/** Sets a key of a section, or takes it out where the value is empty; empty sections go. */
export function withKey<S extends keyof Mapping>(mapping: Mapping, section: S, key: string, value: unknown): Mapping {
  const next: Record<string, unknown> = { ...(mapping[section] as Record<string, unknown> | undefined) };
  if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) delete next[key];
  else next[key] = value;
  const { [section]: _gone, ...rest } = mapping;
  return (Object.keys(next).length === 0 ? rest : { ...rest, [section]: next }) as Mapping;
}

export const listOf = (columns: Column | Column[] | undefined): Column[] => (columns === undefined ? [] : Array.isArray(columns) ? columns : [columns]);

/** Puts the answer to a question under its dotted key. */
export function withAnswer(mapping: Mapping, key: string, value: string): Mapping {
  const [section, name] = key.split('.') as [keyof Mapping, string | undefined];
  return name === undefined ? mapping : withKey(mapping, section, name, value);
}
