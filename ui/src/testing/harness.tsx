/** Renders a screen at a URL, with answers by operation name in place of a server. */
import { MantineProvider } from '@mantine/core';
import { createMemoryHistory, createRootRoute, createRoute, createRouter, RouterProvider } from '@tanstack/react-router';
import { act, render } from '@testing-library/react';
import { Client, CombinedError, type Operation, type OperationResult } from '@urql/core';
import type { ComponentType } from 'react';
import { Provider } from 'urql';
import { filter, map, pipe } from 'wonka';
import { queryStore } from '@/shared/api/query-store';
import type { BusinessHeadFragment } from '@/shared/graphql/generated';
import { StepUpDialog } from '@/shared/step-up/dialog';
import { NoticeLayer } from '@/shared/ui/notice';
import { parseSearch, stringifySearch, validateSearch } from '@/shared/view/search';
import { ViewProvider } from '@/shared/view/view';

export const BUSINESS: BusinessHeadFragment = {
  id: '018f0000-0000-7000-8000-000000000001',
  name: 'Demo shop',
  baseCurrency: 'GBP',
  timeZone: 'Europe/London',
  fiscalYearFirstMonth: 4,
  today: '2026-10-23',
  firstDay: '2024-10-01',
  lastDay: '2026-10-23',
  currencies: ['GBP'],
  viewerRole: 'OWNER',
  erasure: null,
  standsStill: null,
  accounts: [{ id: '018f0000-0000-7000-8000-0000000000a1', name: 'Current account', currency: 'GBP', closed: false }],
};

/** What the server refuses, by its code. */
export const refused = (code: string, message: string): CombinedError =>
  new CombinedError({ graphQLErrors: [{ message, extensions: { code } }] });

type Answer = (variables: Record<string, unknown>) => unknown;
export type Answers = Record<string, Answer>;

const nameOf = (operation: Operation): string => {
  const definition = operation.query.definitions.find((one) => one.kind === 'OperationDefinition');
  return definition && 'name' in definition ? (definition.name?.value ?? '') : '';
};

export async function renderScreen(Screen: ComponentType, { search = '', answers = {} as Answers, business = BUSINESS } = {}) {
  queryStore.clear();
  const asked: { name: string; variables: Record<string, unknown> }[] = [];
  const client = new Client({
    url: '/graphql',
    preferGetMethod: false,
    exchanges: [
      () => (operations) =>
        pipe(
          operations,
          // A line on which nobody says anything is open all the same.
          filter((operation) => operation.kind !== 'teardown' && (operation.kind !== 'subscription' || nameOf(operation) in answers)),
          map((operation): OperationResult => {
            const name = nameOf(operation);
            const variables = operation.variables as Record<string, unknown>;
            asked.push({ name, variables });
            const answer = answers[name];
            if (!answer) throw new Error(`no answer for ${name}`);
            const told = answer(variables);
            if (told instanceof CombinedError) return { operation, data: undefined, error: told, stale: false, hasNext: false } as OperationResult;
            const data = operation.kind === 'mutation' || operation.kind === 'subscription' || name === 'Viewer' || name === 'Assurance' ? told : { business: told };
            return { operation, data, error: undefined, stale: false, hasNext: false } as OperationResult;
          }),
        ),
    ],
  });
  const root = createRootRoute();
  const layout = createRoute({
    getParentRoute: () => root,
    path: '/b/$business',
    validateSearch,
    component: () => (
      <NoticeLayer>
        <ViewProvider business={business}>
          <Screen />
        </ViewProvider>
        <StepUpDialog />
      </NoticeLayer>
    ),
  });
  const screens = ['/transactions', '/reports', '/sources', '/rules', '/changes', '/imports', '/team', '/audit', '/settings', '/'].map((path) => createRoute({ getParentRoute: () => layout, path, component: () => null }));
  const history = createMemoryHistory({ initialEntries: [`/b/${business.id}${search}`] });
  const router = createRouter({ routeTree: root.addChildren([layout.addChildren(screens)]), history, parseSearch, stringifySearch });
  await act(async () => {
    render(
      <MantineProvider withCssVariables={false} withGlobalClasses={false}>
        <Provider value={client}>
          <RouterProvider router={router as never} />
        </Provider>
      </MantineProvider>,
    );
    await router.load();
  });
  return { router, asked, href: () => router.state.location.searchStr };
}
