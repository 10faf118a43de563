/** Asks for what the address needs first, before the page is built: one round trip less until the figures. */
import type { Client } from '@urql/core';
import { queryStore } from '@/shared/api/query-store';
import { BusinessNowDocument, ViewerDocument } from '@/shared/graphql/generated';

export function warm(client: Client): void {
  const { pathname } = window.location;
  const id = /^\/b\/([0-9a-f-]{36})(\/|$)/i.exec(pathname)?.[1];
  if (id) void queryStore.ask(client, BusinessNowDocument, { id }, 0);
  else if (pathname === '/') void queryStore.ask(client, ViewerDocument, {}, 0);
}
