/** A button that opens a small sheet below it; Esc and a click elsewhere close it, focus comes back. */
import { Popover } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { buttonClass } from './button';
import styles from './drop.module.css';

export interface DropProps {
  label: ReactNode;
  /** What the control is, for screen readers. */
  name: string;
  strong?: boolean;
  width?: number;
  children: (close: () => void) => ReactNode;
}

export function Drop({ label, name, strong, width = 240, children }: DropProps) {
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <Popover
      opened={open}
      onChange={setOpen}
      position="bottom-start"
      offset={4}
      width={width}
      trapFocus
      returnFocus
      transitionProps={{ duration: 0 }}
      classNames={{ dropdown: styles.drop ?? '' }}
    >
      <Popover.Target>
        <button
          type="button"
          className={`${buttonClass} ${styles.trigger}`}
          data-strong={strong || undefined}
          aria-label={typeof label === 'string' ? `${name}: ${label}` : undefined}
          onClick={() => setOpen((now) => !now)}
        >
          <span>{label}</span>
          <span aria-hidden="true" className={styles.arrow}>
            ▾
          </span>
        </button>
      </Popover.Target>
      <Popover.Dropdown data-popover="">{open && children(close)}</Popover.Dropdown>
    </Popover>
  );
}
