/** Keys for machines, and everything about a business as an archive or gone. */
import { call } from '@/shared/api/http';
import type { Role } from '@/shared/graphql/generated';
import type { Scope } from '@/shared/identity/keys';

const path = (business: string, rest: string) => `/api/v1/businesses/${business}/${rest}`;

export const SCOPE_NAMES: Record<Scope, string> = {
  READ: 'read the figures',
  READ_AUDIT: 'read the audit history',
  IMPORT: 'import transactions',
  MANAGE: 'change settings and accounts',
};

/** What a key of this role can be made for; an owner's rights are for people. */
export const SCOPES: Record<'VIEWER' | 'AUDITOR' | 'MANAGER', Scope[]> = {
  VIEWER: ['READ'],
  AUDITOR: ['READ', 'READ_AUDIT'],
  MANAGER: ['READ', 'IMPORT', 'MANAGE'],
};

export const makeKey = (business: string, body: { name: string; role: Role; scopes: Scope[]; expiresAt: string }) =>
  call<{ id: string; key: string }>('POST', path(business, 'keys'), { body });
export const revokeKey = (business: string, id: string) => call('DELETE', path(business, `keys/${id}`));
