/** Transactions, page by page. */
import { type LineFragment, TransactionsDocument, type TransactionsQuery, type TransactionsQueryVariables } from '@/shared/graphql/generated';
import { type Page, type Pages, type PagesOptions, usePages } from './use-pages';

export interface Lines extends Omit<Pages<LineFragment>, 'items'> {
  lines: LineFragment[];
}

function pageOf(data: TransactionsQuery): Page<LineFragment> | undefined {
  const found = data.business?.transactions;
  return found && { items: found.nodes, hasNext: found.pageInfo.hasNextPage, cursor: found.pageInfo.endCursor ?? null, position: found.known.position };
}

export function useLines(variables: TransactionsQueryVariables, options: PagesOptions = {}): Lines {
  const { items, ...rest } = usePages(TransactionsDocument, variables, pageOf, options);
  return { ...rest, lines: items };
}
