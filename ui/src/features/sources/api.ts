/** Connecting a source and what is done with one afterwards. */
import { call } from '@/shared/api/http';

export interface Provider {
  provider: string;
  title: string;
  ways: ('redirect' | 'key')[];
  /** One's own address at the provider is asked for first, as a shop's. */
  asks_instance: boolean;
}

export interface Started {
  how: 'redirect' | 'key';
  state: string | null;
  url: string | null;
}

export interface ProviderAccount {
  id: string;
  name: string;
  currency: string;
  balance: string | null;
  available: string | null;
  chosen: boolean;
}

export interface Connected {
  business: string;
  source: string;
  connection_state: 'choosing' | 'active';
  accounts: ProviderAccount[];
}

export interface Wanted {
  provider: string;
  name?: string;
  instance?: string;
  /** One that is there already and needs its owner again. */
  source?: string;
}

const path = (business: string, rest = '') => `/api/v1/businesses/${business}/connections${rest}`;

export const readProviders = (business: string) => call<Provider[]>('GET', path(business, '/providers'));
export const startConnection = (business: string, body: Wanted) => call<Started>('POST', path(business), { body });
export const connectByKey = (business: string, body: Wanted & { key: string }) => call<Connected>('POST', path(business, '/key'), { body });
export const finishConnection = (state: string, params: Record<string, string>) => call<Connected>('POST', '/api/v1/connections/finish', { body: { state, params } });
export const readAccounts = async (business: string, source: string) => {
  const answer = await call<ProviderAccount[] | { accounts: ProviderAccount[] }>('GET', path(business, `/${source}/accounts`));
  return Array.isArray(answer) ? answer : answer.accounts;
};
export const chooseAccounts = (business: string, source: string, accounts: string[]) => call('PUT', path(business, `/${source}/accounts`), { body: { accounts } });
export const syncNow = (business: string, source: string) => call('POST', path(business, `/${source}/sync`));
export const disconnect = (business: string, source: string, data: 'keep' | 'erase') => call<{ erased: number }>('DELETE', path(business, `/${source}?data=${data}`));
