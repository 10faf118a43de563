/** Entries name people, keys and parts of the program by their id; here they get the names that one knows them by. */
import { useMemo } from 'react';
import { useData } from '@/shared/api/use-data';
import { useLoaded } from '@/shared/api/use-loaded';
import { type GoneFragment, PeopleDocument } from '@/shared/graphql/generated';
import { type Key, readKeys } from '@/shared/identity/keys';
import { useView } from '@/shared/view/view';
import { valueText } from './words';

/** A filter's value and what it is called. */
export interface Choice {
  value: string;
  name: string;
}

export interface Group {
  group: string;
  choices: Choice[];
}

export interface Names {
  of: (actor: string) => string;
  /** Who can be filtered by. */
  who: Group[];
  /** Whom or what entries can be about. */
  about: Group[];
}

const OWNER: Choice = { value: 'owner', name: 'Owner of the installation' };

/** The parts that write into a log by themselves. */
const PARTS = ['system:meaning', 'system:matching', 'system:retention', 'system:erasure'];

export function useNames(): Names {
  const { business } = useView();
  const { data } = useData(PeopleDocument, { business: business.id }, { live: false });
  const { data: keys } = useLoaded(`keys ${business.id}`, () => readKeys(business.id));
  const found = data?.business;
  return useMemo(() => {
    const members = (found?.members ?? []).map(({ user, name }) => ({ value: user, name: name || formerName(user) }));
    const now = new Set(members.map(({ value }) => value));
    const former = [...idsOf(found?.removed, 'user'), ...idsOf(found?.left, 'user')].filter((user) => !now.has(user)).map((user) => ({ value: user, name: formerName(user) }));
    const people = [...members, ...once(former)];
    const machines = once([...(keys ?? []).map(keyChoice), ...idsOf(found?.revoked, 'key').map((key) => ({ value: key, name: `Key ${key.slice(-8)}, revoked` }))]);
    const parts = [...PARTS, ...(found?.sources ?? []).map(({ kind }) => (kind === 'demo' ? kind : `connector:${kind}`))].map((part) => ({ value: part, name: nameOf(part) }));
    const asActor = (prefix: string) => (one: Choice) => ({ ...one, value: `${prefix}:${one.value}` });
    const who = groups([
      ['People', [...people.map(asActor('user')), OWNER]],
      ['Keys', machines.map(asActor('key'))],
      ['Workdock itself', once(parts)],
    ]);
    const about = groups([
      ['Business', [{ value: business.id, name: business.name }]],
      ['Accounts', business.accounts.map(({ id, name }) => ({ value: id, name }))],
      ['Sources', (found?.sources ?? []).map(({ id, name }) => ({ value: id, name }))],
      ['People', people],
      ['Keys', machines],
    ]);
    const known = new Map(who.flatMap((group) => group.choices).map(({ value, name }) => [value, name]));
    return { of: (actor) => known.get(actor) ?? nameOf(actor), who, about };
  }, [business, found, keys]);
}

const groups = (all: [group: string, choices: Choice[]][]): Group[] => all.filter(([, choices]) => choices.length > 0).map(([group, choices]) => ({ group, choices }));

const once = (choices: Choice[]): Choice[] => [...new Map(choices.map((one) => [one.value, one])).values()];

const keyChoice = ({ id, name }: Key): Choice => ({ value: id, name: `Key ${name}` });

/** What an event says of somebody who is not listed any more. */
const idsOf = (entries: GoneFragment | undefined, field: string): string[] =>
  (entries?.edges ?? []).flatMap(({ node }) => node.changes.filter((one) => one.field === field).map((one) => valueText(one.after) ?? ''));

/** By the end of the id: two that left the same day begin alike. */
const formerName = (user: string): string => `A former member (${user.slice(-8)})`;

function nameOf(actor: string): string {
  if (actor === OWNER.value) return OWNER.name;
  if (actor.startsWith('user:')) return formerName(actor.slice(5));
  if (actor.startsWith('key:')) return `Key ${actor.slice(-8)}`;
  return `Workdock (${actor.replace(/^(system|connector):/, '').replaceAll('_', ' ')})`;
}
