/** Renders a page that stands outside of any business, with the layers that lie over every page. */
import { MantineProvider } from '@mantine/core';
import { createMemoryHistory, createRootRoute, createRoute, createRouter, Outlet, RouterProvider } from '@tanstack/react-router';
import { act, render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { StepUpDialog } from '@/shared/step-up/dialog';
import { NoticeLayer } from '@/shared/ui/notice';
import { parseSearch, stringifySearch } from '@/shared/view/search';

const OTHERS = ['/', '/b/$business/sources', '/sign-in', '/register', '/forgot-password', '/account', '/history', '/b/$business'];

export async function renderPage(Page: () => ReactNode, address: string) {
  const path = address.split(/[?#]/)[0] ?? '/';
  const root = createRootRoute({
    component: () => (
      <NoticeLayer>
        <Outlet />
        <StepUpDialog />
      </NoticeLayer>
    ),
  });
  const routes = [
    createRoute({ getParentRoute: () => root, path, component: Page }),
    ...OTHERS.filter((other) => other !== path).map((other) => createRoute({ getParentRoute: () => root, path: other, component: () => <p>at {other}</p> })),
  ];
  const history = createMemoryHistory({ initialEntries: [address] });
  const router = createRouter({ routeTree: root.addChildren(routes), history, parseSearch, stringifySearch });
  await act(async () => {
    render(
      <MantineProvider withCssVariables={false} withGlobalClasses={false}>
        <RouterProvider router={router as never} />
      </MantineProvider>,
    );
    await router.load();
  });
  return { router, href: () => router.state.location.href };
}
