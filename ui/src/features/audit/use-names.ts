/** Entries name people by their id; the members of the business have names. */
import { useMemo } from 'react';
import { useData } from '@/shared/api/use-data';
import { PeopleDocument } from '@/shared/graphql/generated';
import { useView } from '@/shared/view/view';

export interface Names {
  of: (actor: string) => string;
  /** Who can be filtered by. */
  choices: { actor: string; name: string }[];
}

const OTHERS: Record<string, string> = { owner: 'Owner of the installation' };

export function useNames(): Names {
  const { business } = useView();
  const { data } = useData(PeopleDocument, { business: business.id }, { live: false });
  const members = data?.business?.members;
  return useMemo(() => {
    const people = (members ?? []).map(({ user, name }) => ({ actor: `user:${user}`, name: name || 'A former member' }));
    const known = new Map(people.map(({ actor, name }) => [actor, name]));
    return { of: (actor) => known.get(actor) ?? nameOf(actor), choices: [...people, { actor: 'owner', name: OTHERS['owner'] ?? '' }] };
  }, [members]);
}

function nameOf(actor: string): string {
  const other = OTHERS[actor];
  if (other) return other;
  if (actor.startsWith('user:')) return 'A former member';
  if (actor.startsWith('key:')) return `Key ${actor.slice(4, 12)}`;
  return `Workdock (${actor.replace(/^system:/, '').replaceAll('_', ' ')})`;
}
