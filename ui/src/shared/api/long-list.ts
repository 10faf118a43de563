/** Long lists by question, kept while one is on another screen: Back finds the place again. One page is read at a time. */
import { type Problem, problemFrom } from './problem';
import { queryStore } from './query-store';
import { anew, beginOf, heldAround, type Page, unread, wanted, type Windowed, withPage } from './windowed';

/** Reads `first` rows after a cursor, as of a position where one is given. */
export type Ask<Item> = (after: string | null, first: number, position: number | undefined) => Promise<Page<Item>>;

export interface Shown<Item> {
  list: Windowed<Item>;
  loading: boolean;
  problem: Problem | undefined;
  /** The position that was known when it was read. */
  tick: number;
}

/** Rows below and above those in view that are read before they come into view. */
const AHEAD = 30;
/** The most that the server gives at once. */
const AT_ONCE = 500;

export class LongList<Item> {
  private now: Shown<Item>;
  private view = { first: 0, last: 0 };
  private isReading = false;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly ask: Ask<Item>,
    size: number,
    tick: number,
  ) {
    this.now = { list: unread(size), loading: true, problem: undefined, tick };
  }

  readonly shown = (): Shown<Item> => this.now;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** These rows are in view. */
  readonly look = (first: number, last: number): void => {
    this.view = { first: Math.max(0, first - AHEAD), last: last + AHEAD };
    if (!this.now.problem) void this.read();
  };

  /** Reads it anew where the reader is. */
  readonly refresh = (tick: number): void => {
    this.put({ list: anew(this.now.list), problem: undefined, tick });
    void this.read();
  };

  /** Goes on where an answer failed. */
  readonly retry = (): void => {
    this.put({ problem: undefined });
    void this.read();
  };

  /** The first rows, held or not, at most so many. */
  readonly all = async (most: number): Promise<Item[]> => {
    const found: Item[] = [];
    const { position } = this.now.list;
    for (let after: string | null = null; ; ) {
      const page: Page<Item> = await this.ask(after, Math.min(AT_ONCE, most - found.length), position);
      found.push(...page.items);
      after = page.cursor;
      if (!page.hasNext || found.length >= most) return found;
    }
  };

  private put(change: Partial<Shown<Item>>): void {
    this.now = { ...this.now, ...change };
    for (const listener of this.listeners) listener();
  }

  private async read(): Promise<void> {
    if (this.isReading) return;
    this.isReading = true;
    for (let nth = this.wanted(); nth !== undefined; nth = this.wanted()) {
      if (!this.now.loading) this.put({ loading: true });
      const { list } = this.now;
      try {
        const page = await this.ask(beginOf(list, nth), list.size, list.position);
        // Begun anew meanwhile, or not: what has come is shown, and is read again where it is of the reading before.
        this.put({ list: heldAround(withPage(this.now.list, nth, page, list.reading), this.view.first, this.view.last) });
      } catch (error) {
        this.put({ problem: problemFrom(error) });
        break;
      }
    }
    this.isReading = false;
    if (this.now.loading) this.put({ loading: false });
  }

  private wanted(): number | undefined {
    return wanted(this.now.list, this.view.first, this.view.last);
  }
}

/** So many are kept. */
const LIMIT = 6;
const lists = new Map<string, LongList<unknown>>();
queryStore.onClear(() => lists.clear());

export const longLists = {
  of<Item>(key: string, make: () => LongList<Item>): LongList<Item> {
    const found = (lists.get(key) as LongList<Item> | undefined) ?? make();
    // Most recently used last.
    lists.delete(key);
    lists.set(key, found as LongList<unknown>);
    for (const oldest of lists.keys()) {
      if (lists.size <= LIMIT) break;
      lists.delete(oldest);
    }
    return found;
  },
};
