import { useState } from 'react';
import { Button, Field } from '@/shared/ui/button';
import { AmountFields } from './amount-fields';
import { ColumnSelect } from './column-select';
import styles from './imports.module.css';
import { listOf, type Mapping, withKey } from './mapping';

export interface MappingFormProps {
  mapping: Mapping;
  columns: string[];
  account: string | undefined;
  onChange: (mapping: Mapping) => void;
  onAccount: (account: string | undefined) => void;
}

const TEXTS = [
  ['counterparty', 'Counterparty'],
  ['reference', 'Reference'],
  ['category', 'Category'],
  ['id', 'Own id of a row'],
] as const;

export function MappingForm({ mapping, columns, account, onChange, onAccount }: MappingFormProps) {
  const text = (section: keyof Mapping, key: string, value: string) => onChange(withKey(mapping, section, key, value));
  const currency = mapping.currency;
  return (
    <div className={styles.form}>
      <ColumnSelect label="Date" columns={columns} value={mapping.date?.column} onChange={(column) => text('date', 'column', column)} required />
      <Field label="Written as">
        <input value={mapping.date?.format ?? ''} placeholder="%d.%m.%Y" spellCheck={false} onChange={(event) => text('date', 'format', event.target.value)} />
      </Field>
      <ColumnSelect label="Value date" columns={columns} value={mapping.date?.value} onChange={(column) => text('date', 'value', column)} />
      <AmountFields amount={mapping.amount} columns={columns} onChange={(amount) => onChange({ ...mapping, amount })} />
      <Field label="Currency">
        <select
          value={currency?.column !== undefined ? 'column' : 'always'}
          onChange={(event) => onChange({ ...mapping, currency: event.target.value === 'column' ? { column: columns[0] ?? '' } : { always: currency?.always ?? '' } })}
        >
          <option value="always">The same for all rows</option>
          <option value="column">From a column</option>
        </select>
      </Field>
      {currency?.column !== undefined ? (
        <ColumnSelect label="Currency column" columns={columns} value={currency.column} onChange={(column) => onChange({ ...mapping, currency: { column } })} required />
      ) : (
        <Field label="Code">
          <input
            value={currency?.always ?? ''}
            placeholder="of the business"
            maxLength={3}
            onChange={(event) => {
              const code = event.target.value.toUpperCase();
              const { currency: _gone, ...rest } = mapping;
              onChange(code ? { ...rest, currency: { always: code } } : rest);
            }}
          />
        </Field>
      )}
      <Field label="Account">
        <input value={account ?? mapping.account?.name ?? ''} placeholder="Main account" onChange={(event) => onAccount(event.target.value || undefined)} />
      </Field>
      <ColumnSelect label="Account column" columns={columns} value={mapping.account?.column} onChange={(column) => text('account', 'column', column)} />
      <ColumnSelect
        label="Description"
        columns={columns}
        value={listOf(mapping.columns?.description)[0]}
        onChange={(column) => onChange(withKey(mapping, 'columns', 'description', [column, ...listOf(mapping.columns?.description).slice(1)].filter(Boolean)))}
      />
      {TEXTS.map(([key, label]) => (
        <ColumnSelect key={key} label={label} columns={columns} value={mapping.columns?.[key]} onChange={(column) => text('columns', key, column)} />
      ))}
      <AsText mapping={mapping} onChange={onChange} />
    </div>
  );
}

/** The whole mapping with its rules, for those who keep one: the same keys as the TOML file. */
function AsText({ mapping, onChange }: Pick<MappingFormProps, 'mapping' | 'onChange'>) {
  const [text, setText] = useState<string | null>(null);
  const [fault, setFault] = useState('');
  const rules = mapping.rules?.length ?? 0;
  const apply = () => {
    try {
      onChange(JSON.parse(text ?? '{}') as Mapping);
      setText(null);
      setFault('');
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    }
  };
  if (text === null) {
    return (
      <p className={styles.wideText}>
        {rules > 0 ? (rules === 1 ? 'One rule gives category and kind. ' : `${rules} rules give category and kind. `) : ''}
        <button type="button" className="link" onClick={() => setText(JSON.stringify(mapping, null, 2))}>
          Edit all of it as text
        </button>
      </p>
    );
  }
  return (
    <div className={styles.wide}>
      <Field label="The whole mapping, with rules (JSON)">
        <textarea className={styles.text} rows={14} spellCheck={false} value={text} onChange={(event) => setText(event.target.value)} />
      </Field>
      {fault && (
        <p className="bad" role="alert">
          This is not JSON: {fault}
        </p>
      )}
      <div className={styles.actions}>
        <Button onClick={apply}>Take it over</Button>
        <Button onClick={() => setText(null)}>Leave it</Button>
      </div>
    </div>
  );
}
