/** The rows that the list has read, by position: the panel shows one of them without asking again. */
import { useSyncExternalStore } from 'react';
import type { AuditRowFragment } from '@/shared/graphql/generated';

const LIMIT = 5000;
const rows = new Map<number, AuditRowFragment>();
const listeners = new Set<() => void>();

export function remember(items: readonly AuditRowFragment[]): void {
  for (const item of items) rows.set(item.position, item);
  for (const position of rows.keys()) {
    if (rows.size <= LIMIT) break;
    rows.delete(position);
  }
  for (const listener of listeners) listener();
}

export const useSeen = (position: number): AuditRowFragment | undefined =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => rows.get(position),
  );
