import type { ButtonHTMLAttributes, ReactNode } from 'react';
import styles from './button.module.css';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  primary?: boolean;
  /** It cannot be undone. */
  danger?: boolean;
}

export function Button({ primary, danger, className, type = 'button', ...rest }: ButtonProps) {
  const names = [styles.button, primary && styles.primary, danger && styles.danger, className].filter(Boolean).join(' ');
  return <button type={type} className={names} {...rest} />;
}

export function Field({ label, children }: { label: string; children: ReactNode }) {
  return (
    <label className={styles.field}>
      <span>{label}</span>
      {children}
    </label>
  );
}

export const inputClass = styles.input ?? '';
export const buttonClass = styles.button ?? '';
export const primaryClass = `${styles.button} ${styles.primary}`;
