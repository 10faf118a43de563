import { Field } from '@/shared/ui/button';
import type { Column } from './mapping';

export interface ColumnSelectProps {
  label: string;
  columns: string[];
  value: Column | undefined;
  onChange: (column: Column) => void;
  required?: boolean;
}

export function ColumnSelect({ label, columns, value, onChange, required }: ColumnSelectProps) {
  const unknown = value !== undefined && value !== '' && !columns.includes(value);
  return (
    <Field label={label}>
      <select value={value ?? ''} onChange={(event) => onChange(event.target.value)}>
        <option value="">{required ? 'Choose a column' : 'None'}</option>
        {unknown && <option value={value}>{value}</option>}
        {columns.map((column, index) => (
          <option key={index} value={column}>
            {column}
          </option>
        ))}
      </select>
    </Field>
  );
}
