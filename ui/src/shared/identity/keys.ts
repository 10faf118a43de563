/** Keys for machines: whoever keeps a business and whoever audits it may see which there are. */
import { call } from '@/shared/api/http';
import type { Role } from '@/shared/graphql/generated';

export type Scope = 'READ' | 'READ_AUDIT' | 'IMPORT' | 'MANAGE';

export interface Key {
  id: string;
  name: string;
  prefix: string;
  role: Role;
  scopes: Scope[];
  createdAt: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
}

export const readKeys = (business: string) => call<Key[]>('GET', `/api/v1/businesses/${business}/keys`);
