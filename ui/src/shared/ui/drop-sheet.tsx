import '@mantine/core/styles/Popover.css';
import { Popover } from '@mantine/core';
import type { ReactNode } from 'react';
import styles from './drop.module.css';

export interface DropSheetProps {
  name: string;
  width: number;
  onClose: () => void;
  children: ReactNode;
}

/** The open sheet, placed against the button that it stands beside. */
export function DropSheet({ name, width, onClose, children }: DropSheetProps) {
  return (
    <Popover
      opened
      onChange={(opened) => !opened && onClose()}
      position="bottom-start"
      offset={4}
      width={width}
      trapFocus
      // The roles are ours: the span that it is placed by is no control.
      withRoles={false}
      transitionProps={{ duration: 0 }}
      classNames={{ dropdown: styles.sheet ?? '' }}
    >
      <Popover.Target>
        <span className={styles.anchor} />
      </Popover.Target>
      <Popover.Dropdown data-popover="" role="dialog" aria-label={name}>
        {children}
      </Popover.Dropdown>
    </Popover>
  );
}
