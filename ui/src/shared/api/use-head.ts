import { useCallback } from 'react';
import { useClient } from 'urql';
import { BusinessNowDocument } from '@/shared/graphql/generated';
import { queryStore } from './query-store';
import { advance } from './tick';

/** Reads the business itself again, at least at the position that a command produced: its name, its calendar, what becomes of it. */
export function useReadAgain(id: string): (position: number) => Promise<void> {
  const client = useClient();
  return useCallback(
    (position) => {
      advance(position);
      return queryStore.ask(client, BusinessNowDocument, { id }, position, true);
    },
    [client, id],
  );
}
