/** Answers by question, bounded; one request per question at a time, the newest position wins. */
import type { AnyVariables, Client, TypedDocumentNode } from '@urql/core';
import type { DocumentNode } from 'graphql';
import { type Problem, problemOf } from './problem';

export interface Entry<T = unknown> {
  data: T | undefined;
  problem: Problem | undefined;
  at: number | undefined;
}

interface Slot {
  entry: Entry;
  /** Position that the answer is known to include; −1 before the first. */
  position: number;
  /** Until nothing is left to be asked. */
  running: Promise<void> | null;
  /** Newer position that was asked for while a request ran. */
  wanted: number;
  /** Somebody asked again while a request ran: its answer may be from before what they know of. */
  again: boolean;
  listeners: Set<() => void>;
}

const LIMIT = 200;
const EMPTY: Entry = { data: undefined, problem: undefined, at: undefined };
/** A document's name, whether it can wait for a position, and which of its variables says as of when, if it may be left out. */
interface Described {
  name: string;
  takesPosition: boolean;
  asOf: string | undefined;
}
const names = new WeakMap<object, Described>();

function describe(document: DocumentNode): Described {
  let found = names.get(document);
  if (!found) {
    const operation = document.definitions.find((one) => one.kind === 'OperationDefinition');
    const variables = operation?.variableDefinitions ?? [];
    found = {
      name: operation?.name?.value ?? '',
      takesPosition: variables.some((one) => one.variable.name.value === 'minPosition'),
      asOf: variables.find((one) => one.type.kind === 'NamedType' && one.type.name.value === 'AsOf')?.variable.name.value,
    };
    names.set(document, found);
  }
  return found;
}

export function entryKey<T, V extends AnyVariables>(document: TypedDocumentNode<T, V>, variables: V): string {
  return `${describe(document).name}${JSON.stringify(variables)}`;
}

const slots = new Map<string, Slot>();
const alsoKept = new Set<() => void>();

function slotOf(key: string): Slot {
  const found = slots.get(key);
  if (found) {
    // Most recently used last.
    slots.delete(key);
    slots.set(key, found);
    return found;
  }
  const slot: Slot = { entry: EMPTY, position: -1, running: null, wanted: -1, again: false, listeners: new Set() };
  slots.set(key, slot);
  for (const [oldest, one] of slots) {
    if (slots.size <= LIMIT) break;
    if (one.listeners.size === 0 && !one.running) slots.delete(oldest);
  }
  return slot;
}

function publish(slot: Slot, entry: Entry): void {
  slot.entry = entry;
  for (const listener of slot.listeners) listener();
}

async function ask<T, V extends AnyVariables>(
  client: Client,
  document: TypedDocumentNode<T, V>,
  variables: V,
  position: number,
  again = false,
): Promise<void> {
  const slot = slotOf(entryKey(document, variables));
  if (!again && slot.position >= position) return;
  if (slot.running) {
    slot.wanted = Math.max(slot.wanted, position);
    slot.again ||= again;
    return slot.running;
  }
  slot.running = askUntilQuiet(client, document, variables, position, slot).finally(() => {
    slot.running = null;
  });
  return slot.running;
}

async function askUntilQuiet<T, V extends AnyVariables>(client: Client, document: TypedDocumentNode<T, V>, variables: V, position: number, slot: Slot): Promise<void> {
  for (let at = position; ; at = Math.max(at, slot.wanted)) {
    slot.wanted = -1;
    slot.again = false;
    await askOnce(client, document, variables, at, slot);
    if (!slot.again && slot.wanted <= at) return;
  }
}

/** The present is asked for at one position, so that all that stands on a screen is of the same knowledge. */
function pin(document: DocumentNode, variables: AnyVariables, position: number): object {
  const { takesPosition, asOf } = describe(document);
  if (position <= 0 || !takesPosition) return {};
  const said = asOf === undefined || variables?.[asOf] !== undefined;
  return { minPosition: position, ...(said ? {} : { [asOf]: { position } }) };
}

async function askOnce<T, V extends AnyVariables>(client: Client, document: TypedDocumentNode<T, V>, variables: V, position: number, slot: Slot): Promise<void> {
  const extra = pin(document, variables, position);
  const answer = await client.query(document, { ...variables, ...extra } as V, { requestPolicy: 'network-only' }).toPromise();
  if (answer.error) publish(slot, { ...slot.entry, problem: problemOf(answer.error) });
  else {
    slot.position = Math.max(slot.position, position);
    publish(slot, { data: answer.data, problem: undefined, at: Date.now() });
  }
}

export const queryStore = {
  ask,
  peek: (key: string): Entry => slots.get(key)?.entry ?? EMPTY,
  subscribe: (key: string, listener: () => void): (() => void) => {
    const slot = slotOf(key);
    slot.listeners.add(listener);
    return () => slot.listeners.delete(listener);
  },
  clear: (): void => {
    slots.clear();
    for (const forget of alsoKept) forget();
  },
  /** What is kept of answers elsewhere goes with them. */
  onClear: (forget: () => void): void => void alsoKept.add(forget),
};
