/**
 * A list of any length, of which only the pages near the reader are held. Pages have one size, so that a row's number
 * tells its page; each begins where the one before ended, so that whatever was let go is read again by its cursor.
 */
export interface Page<Item> {
  items: Item[];
  hasNext: boolean;
  cursor: string | null;
  /** That the answer is as of. */
  position?: number | undefined;
}

interface Sheet<Item> {
  /** It begins after this. */
  after: string | null;
  /** Null while it is not held. */
  items: readonly Item[] | null;
  length: number;
  /** In which reading of the list it was read. */
  reading: number;
}

export interface Windowed<Item> {
  size: number;
  sheets: readonly Sheet<Item>[];
  /** The next page begins after this. */
  next: string | null;
  hasNext: boolean;
  /** Counts how often the list was begun anew; sheets of an earlier reading stay until they are read again. */
  reading: number;
  /** All pages of one reading are of the same position, so that what arrives meanwhile moves no row. */
  position: number | undefined;
}

/** Pages that are held above and below those in view. */
const SPARE = 4;
const NEVER = -1;

export const unread = <Item>(size: number): Windowed<Item> => ({ size, sheets: [], next: null, hasNext: true, reading: 0, position: undefined });

export function countOf<Item>({ sheets, size }: Windowed<Item>): number {
  const last = sheets.at(-1);
  return last ? (sheets.length - 1) * size + last.length : 0;
}

export const rowAt = <Item>({ sheets, size }: Windowed<Item>, index: number): Item | undefined => sheets[Math.floor(index / size)]?.items?.[index % size];

/** Where page `nth` begins. */
export const beginOf = <Item>({ sheets, next }: Windowed<Item>, nth: number): string | null => (nth < sheets.length ? (sheets[nth]?.after ?? null) : next);

/** The page that is to be read next for rows `first` to `last`, if any. */
export function wanted<Item>(list: Windowed<Item>, first: number, last: number): number | undefined {
  const { sheets, size, hasNext, reading } = list;
  const end = Math.min(Math.floor(last / size), sheets.length - 1);
  for (let nth = Math.max(0, Math.floor(first / size)); nth <= end; nth += 1) {
    const sheet = sheets[nth];
    if (!sheet?.items || sheet.reading !== reading) return nth;
  }
  return hasNext && last >= countOf(list) ? sheets.length : undefined;
}

/** With an answer for page `nth`. Where it ends elsewhere than before, the page after it is read again from there. */
export function withPage<Item>(list: Windowed<Item>, nth: number, page: Page<Item>, reading: number): Windowed<Item> {
  const own: Sheet<Item> = { after: beginOf(list, nth), items: page.items, length: page.items.length, reading };
  const [following, ...others] = page.hasNext ? list.sheets.slice(nth + 1) : [];
  const position = reading === list.reading ? (list.position ?? page.position) : list.position;
  const before = list.sheets.slice(0, nth);
  if (!following) return { ...list, position, sheets: [...before, own], next: page.cursor, hasNext: page.hasNext };
  const moved = following.after === page.cursor ? following : { ...following, after: page.cursor, items: null, reading: NEVER };
  return { ...list, position, sheets: [...before, own, moved, ...others] };
}

/** Without the rows that are far from `first` to `last`. */
export function heldAround<Item>(list: Windowed<Item>, first: number, last: number): Windowed<Item> {
  const from = Math.floor(first / list.size) - SPARE;
  const to = Math.floor(last / list.size) + SPARE;
  const isFar = (sheet: Sheet<Item>, nth: number) => sheet.items !== null && (nth < from || nth > to);
  if (!list.sheets.some(isFar)) return list;
  return { ...list, sheets: list.sheets.map((sheet, nth) => (isFar(sheet, nth) ? { ...sheet, items: null } : sheet)) };
}

/** To be read anew, at what is known now; what is shown stays until its page is read again. */
export const anew = <Item>(list: Windowed<Item>): Windowed<Item> => ({ ...list, reading: list.reading + 1, position: undefined });
