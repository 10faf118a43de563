import type { Client } from '@urql/core';
import { BusinessNowDocument } from '@/shared/graphql/generated';
import { entryKey, queryStore } from './query-store';

const TRIES = 12;
const WAIT_MS = 250;

/**
 * Waits until a business that was just registered or joined can be seen: who may see what is known everywhere within
 * two seconds. After that the page opens all the same, and says what it finds.
 */
export async function appear(client: Client, id: string, position: number): Promise<void> {
  for (let tried = 0; tried < TRIES; tried += 1) {
    await queryStore.ask(client, BusinessNowDocument, { id }, position, true);
    if (isThere(id)) return;
    await new Promise((done) => setTimeout(done, WAIT_MS));
  }
}

const isThere = (id: string): boolean => {
  const { data } = queryStore.peek(entryKey(BusinessNowDocument, { id })) as { data?: { business: unknown } };
  return Boolean(data?.business);
};
