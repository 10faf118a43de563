import type { Client } from '@urql/core';
import { problemOf, Refusal } from '@/shared/api/problem';
import { AssuranceDocument } from '@/shared/graphql/generated';
import { confirmIdentity, NO_FACTOR } from './step-up';

async function isSteppedUp(client: Client): Promise<boolean> {
  const { data, error } = await client.query(AssuranceDocument, {}, { requestPolicy: 'network-only' }).toPromise();
  if (error) throw new Refusal(problemOf(error));
  return data?.viewer.assurance === 'STEPPED_UP';
}

/** Before the browser itself fetches something, as a download: its refusal could not be answered any more. */
export async function ensureSteppedUp(client: Client): Promise<void> {
  if (await isSteppedUp(client)) return;
  await confirmIdentity();
  if (!(await isSteppedUp(client))) throw new Refusal(NO_FACTOR);
}
