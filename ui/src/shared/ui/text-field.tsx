/** A labelled input with what it wants written under it, and a password that can be looked at while it is typed. */
import { type InputHTMLAttributes, type ReactNode, useId, useState } from 'react';
import styles from './text-field.module.css';

export interface TextFieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange' | 'value'> {
  label: string;
  value: string;
  onChange: (value: string) => void;
  hint?: ReactNode;
  /** What is wrong with it, as far as the page can tell. */
  fault?: string | undefined;
  end?: ReactNode;
}

export function TextField({ label, value, onChange, hint, fault, end, ...rest }: TextFieldProps) {
  const id = useId();
  const note = fault ?? hint;
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <div className={styles.box}>
        <input
          id={id}
          value={value}
          aria-describedby={note ? `${id}-note` : undefined}
          aria-invalid={fault !== undefined || undefined}
          onChange={(event) => onChange(event.target.value)}
          {...rest}
        />
        {end}
      </div>
      {note && (
        <p id={`${id}-note`} className={fault ? styles.fault : styles.note}>
          {note}
        </p>
      )}
    </div>
  );
}

export function PasswordField(props: TextFieldProps) {
  const [shown, setShown] = useState(false);
  return (
    <TextField
      {...props}
      type={shown ? 'text' : 'password'}
      autoCapitalize="none"
      spellCheck={false}
      end={
        <button type="button" className={styles.show} aria-pressed={shown} aria-label={`Show ${props.label.toLowerCase()}`} onClick={() => setShown(!shown)}>
          {shown ? 'Hide' : 'Show'}
        </button>
      }
    />
  );
}

export const PASSWORD_LEAST = 12;
export const PASSWORD_MOST = 128;

/** The rule for new passwords, said before it is broken. */
export function NewPasswordField({ label, ...props }: Omit<TextFieldProps, 'label'> & { label?: string }) {
  const length = [...props.value].length;
  const fault = length > PASSWORD_MOST ? `At most ${PASSWORD_MOST} characters.` : undefined;
  return (
    <PasswordField
      {...props}
      label={label ?? 'Password'}
      autoComplete="new-password"
      minLength={PASSWORD_LEAST}
      required
      hint={length > 0 && length < PASSWORD_LEAST ? `${PASSWORD_LEAST - length} more characters.` : `${PASSWORD_LEAST} characters or more; a few words are good, common ones are refused.`}
      fault={fault ?? props.fault}
    />
  );
}

export interface CodeFieldProps {
  value: string;
  onChange: (value: string) => void;
  label?: string;
  hint?: ReactNode;
  /** It takes the focus when it appears. */
  first?: boolean;
}

/** Six digits of an authenticator app, as phones offer to fill them in. */
export function CodeField({ value, onChange, label = 'Code', hint, first }: CodeFieldProps) {
  return (
    <TextField
      label={label}
      value={value}
      onChange={(text) => onChange(text.replace(/\D/g, '').slice(0, 6))}
      hint={hint}
      inputMode="numeric"
      autoComplete="one-time-code"
      pattern="\d{6}"
      required
      maxLength={7}
      className={styles.digits}
      // The dialog or step was opened for just this field.
      // eslint-disable-next-line jsx-a11y/no-autofocus
      autoFocus={first}
    />
  );
}
