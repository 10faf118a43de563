import { MantineProvider } from '@mantine/core';
import { RouterProvider } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { type Client, Provider } from 'urql';
import { onSessionExpired } from '@/shared/api/session';
import { queryStore } from '@/shared/api/query-store';
import { TipLayer } from '@/shared/ui/tip';
import { createAppRouter } from './router';

export function App({ client }: { client: Client }) {
  const [router] = useState(createAppRouter);
  useEffect(
    () =>
      onSessionExpired(() => {
        queryStore.clear();
        const { pathname, href } = router.state.location;
        if (pathname !== '/sign-in') void router.navigate({ to: '/sign-in', search: { back: href } as never });
      }),
    [router],
  );
  return (
    // The page's policy forbids style elements that scripts write: the variables come from the style sheet.
    <MantineProvider defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      <Provider value={client}>
        <RouterProvider router={router} />
        <TipLayer />
      </Provider>
    </MantineProvider>
  );
}
