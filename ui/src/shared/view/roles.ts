/** What a role is called and what it may: the server decides; the page only does not offer what would be refused. */
import type { Role } from '@/shared/graphql/generated';

export const ROLES: readonly Role[] = ['OWNER', 'MANAGER', 'VIEWER', 'AUDITOR'];

export const ROLE_NAMES: Record<Role, string> = {
  OWNER: 'Owner',
  MANAGER: 'Manager',
  VIEWER: 'Viewer',
  AUDITOR: 'Auditor',
};

export const ROLE_MEANING: Record<Role, string> = {
  OWNER: 'does everything: team, keys, closing months, export and erasure',
  MANAGER: 'imports files and changes settings, but not the team',
  VIEWER: 'sees every figure and changes nothing',
  AUDITOR: 'sees every figure and the audit history, and changes nothing',
};

export type Right = 'import' | 'manage' | 'audit' | 'close-month' | 'members' | 'keys' | 'export' | 'erase';

const RIGHTS: Record<Role, readonly Right[]> = {
  OWNER: ['import', 'manage', 'audit', 'close-month', 'members', 'keys', 'export', 'erase'],
  MANAGER: ['import', 'manage'],
  VIEWER: [],
  AUDITOR: ['audit'],
};

export const may = (role: Role, right: Right): boolean => RIGHTS[role].includes(right);
