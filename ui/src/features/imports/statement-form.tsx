import { Field } from '@/shared/ui/button';
import type { Preview } from './api';
import styles from './imports.module.css';

const KEYS: Record<string, string> = {
  'file.format': 'Format',
  'file.encoding': 'Encoding',
  'date.format': 'Dates written as',
  'amount.decimal': 'Decimal mark',
  'currency.always': 'Currency',
};

/** A statement has no columns: what is left to say is what its account is called. */
export function StatementForm({ preview, account, onAccount }: { preview: Preview; account: string | undefined; onAccount: (account: string | undefined) => void }) {
  return (
    <div className={styles.form}>
      <Field label="Account">
        <input value={account ?? ''} placeholder={preview.sample[0]?.account ?? 'as the file calls it'} onChange={(event) => onAccount(event.target.value || undefined)} />
      </Field>
      <ul className={styles.wideText}>
        {(preview.certainties ?? []).map(({ key, value, sure, why }) => (
          <li key={key}>
            {KEYS[key] ?? key}: <strong>{value}</strong>, {sure ? why : `please check: ${why}`}
          </li>
        ))}
      </ul>
    </div>
  );
}
