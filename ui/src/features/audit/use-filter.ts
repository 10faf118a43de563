import type { AuditFilter } from '@/shared/graphql/generated';
import type { ViewSearch } from '@/shared/view/search';

const KEYS = ['from', 'to', 'who', 'did', 'about', 'q'] as const;
export type FilterKey = (typeof KEYS)[number];

export function filterOf({ from, to, who, did, about, q }: ViewSearch): AuditFilter {
  return {
    ...(from ? { from } : {}),
    ...(to ? { to } : {}),
    ...(who ? { actor: who } : {}),
    ...(did ? { kind: did } : {}),
    ...(about ? { subject: about } : {}),
    ...(q ? { text: q } : {}),
  };
}

export const isFiltered = (search: ViewSearch): boolean => KEYS.some((key) => search[key] !== undefined);

export function withoutFilter(search: ViewSearch): ViewSearch {
  const rest = { ...search };
  for (const key of KEYS) delete rest[key];
  return rest;
}

/** The whole list as a file, with the same filter; the server streams it. */
export function csvAddress(business: string, search: ViewSearch): string {
  const query = new URLSearchParams([['format', 'csv'], ...Object.entries(filterOf(search)).map(([key, value]) => [key, String(value)])]);
  return `/api/v1/businesses/${business}/audit?${query.toString()}`;
}
