import type { AnyVariables, Client, TypedDocumentNode } from '@urql/core';
import { problemOf, Refusal } from './problem';

/** Does something on the server; throws what it refused. */
export async function mutate<T, V extends AnyVariables>(client: Client, document: TypedDocumentNode<T, V>, variables: V): Promise<T> {
  const answer = await client.mutation(document, variables).toPromise();
  if (answer.error) throw new Refusal(problemOf(answer.error));
  if (!answer.data) throw new Refusal({ kind: 'server', text: 'The server gave no answer.' });
  return answer.data;
}
