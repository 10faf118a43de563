import { MantineProvider } from '@mantine/core';
import { RouterProvider } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { type Client, Provider } from 'urql';
import { onSessionExpired } from '@/shared/api/session';
import { queryStore } from '@/shared/api/query-store';
import { useAsking } from '@/shared/step-up/step-up';
import { NoticeLayer } from '@/shared/ui/notice';
import { TipLayer } from '@/shared/ui/tip';
import { createAppRouter } from './router';

const StepUpDialog = lazy(() => import('@/shared/step-up/dialog').then((module) => ({ default: module.StepUpDialog })));

/** Over every page, loaded when the server first asks for a second factor. */
function StepUp() {
  const asking = useAsking();
  return (
    asking && (
      <Suspense fallback={null}>
        <StepUpDialog />
      </Suspense>
    )
  );
}

/** Pages that need no session: its end does not move one away from them. */
const OPEN = new Set(['/sign-in', '/register', '/verify-email', '/confirm-email', '/unlock', '/forgot-password', '/reset-password', '/invitation', '/report']);

export function App({ client }: { client: Client }) {
  const [router] = useState(createAppRouter);
  useEffect(
    () =>
      onSessionExpired((ending) => {
        queryStore.clear();
        const { pathname, href } = router.state.location;
        if (!OPEN.has(pathname)) void router.navigate({ to: '/sign-in', search: (ending === 'left' || href === '/' ? {} : { back: href }) as never });
      }),
    [router],
  );
  return (
    // The page's policy forbids style elements that scripts write: the variables come from the style sheet.
    <MantineProvider defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      <Provider value={client}>
        <NoticeLayer>
          <RouterProvider router={router} />
          <StepUp />
        </NoticeLayer>
        <TipLayer />
      </Provider>
    </MantineProvider>
  );
}
