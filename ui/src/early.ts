/** The first script: asks for what the address needs first, then starts the page, which is on its way meanwhile. */
import businessQueries from '@/shared/graphql/business.graphql?raw';
import summaryQueries from '@/shared/graphql/summary.graphql?raw';
import type { BusinessNowQuery, ViewerQuery } from '@/shared/graphql/generated';
import { askEarly } from '@/shared/api/early';
import { resolveView, summaryVariables } from '@/shared/view/resolve';
import { parseSearch } from '@/shared/view/search';

async function ask(): Promise<void> {
  const { pathname, search } = window.location;
  const [, id, screen] = /^\/b\/([0-9a-f-]{36})(\/.*)?$/i.exec(pathname) ?? [];
  if (pathname === '/') await askEarly<ViewerQuery>({ operationName: 'Viewer', query: businessQueries, variables: {} });
  if (!id) return;
  const now = await askEarly<BusinessNowQuery>({ operationName: 'BusinessNow', query: businessQueries, variables: { id } });
  const business = now?.business;
  if (!business?.firstDay || (screen && screen !== '/')) return;
  const view = resolveView(business, parseSearch(search));
  // The screen reads the present at the position that is known now; a past view needs none.
  const { position: known } = business.known;
  const position = view.asOf || known === 0 ? {} : { minPosition: known, asOf: { position: known } };
  await askEarly({ operationName: 'Summary', query: summaryQueries, variables: { ...summaryVariables(view), ...position } });
}

// What fails here is asked again by the page, which says so.
ask().catch(() => undefined);

// It does not wait for the style sheet, and may even be here before the element that the page goes into. Nor does it
// wait for the page, which imports from here.
if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start, { once: true });
else start();

function start(): void {
  void import('./main');
}
