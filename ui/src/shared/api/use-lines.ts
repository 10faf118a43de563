/** Transactions, page by page. */
import { type LineFragment, TransactionsDocument, type TransactionsQuery, type TransactionsQueryVariables } from '@/shared/graphql/generated';
import { type Listing, useLongList } from './use-long-list';
import { type Pages, type PagesOptions, usePages } from './use-pages';
import type { Page } from './windowed';

const PAGE = 100;

function pageOf(data: TransactionsQuery): Page<LineFragment> | undefined {
  const found = data.business?.transactions;
  return found && { items: found.nodes, hasNext: found.pageInfo.hasNextPage, cursor: found.pageInfo.endCursor ?? null, position: found.known.position };
}

/** A few that are looked at beside something else. */
export function useLines(variables: TransactionsQueryVariables, options: PagesOptions = {}): Pages<LineFragment> {
  return usePages(TransactionsDocument, variables, pageOf, options);
}

/** What is of the past already is asked as it is. */
function pinned(variables: TransactionsQueryVariables, position: number): TransactionsQueryVariables {
  if (variables.asOf ?? variables.changedTo) return variables;
  return variables.changedFrom ? { ...variables, changedTo: { position } } : { ...variables, asOf: { position } };
}

/** Any number of them. */
export function useLineList(variables: TransactionsQueryVariables, options: { follow?: boolean; live: boolean }): Listing<LineFragment> {
  return useLongList({ document: TransactionsDocument, variables, pick: pageOf, size: PAGE, pinned, ...options });
}
