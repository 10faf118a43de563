import { describe, expect, it } from 'vitest';
import { type Ask, LongList } from './long-list';
import { Refusal } from './problem';
import { countOf, rowAt, type Windowed } from './windowed';

const SIZE = 100;

/** Numbers from the largest down, as a server gives them page by page; `position` is how many there are. */
class Numbers {
  asked: { after: string | null; position: number | undefined }[] = [];
  broken = false;
  private gone = new Map<number, number>();
  constructor(public position: number) {}

  /** From the next position on. */
  remove(number: number): void {
    this.position += 1;
    this.gone.set(number, this.position);
  }

  readonly ask: Ask<number> = async (after, first, position = this.position) => {
    this.asked.push({ after, position });
    await Promise.resolve();
    if (this.broken) throw new Refusal({ kind: 'unreachable', text: 'The server does not answer.' });
    const items: number[] = [];
    let next = after === null ? position : Number(after) - 1;
    for (; next > 0 && items.length < first; next -= 1) if ((this.gone.get(next) ?? Infinity) > position) items.push(next);
    return { items, hasNext: next > 0, cursor: String(items.at(-1)), position };
  };
}

const read = (list: LongList<number>) =>
  new Promise<Windowed<number>>((done) => {
    const whenQuiet = () => !list.shown().loading && (leave(), done(list.shown().list));
    const leave = list.subscribe(whenQuiet);
    whenQuiet();
  });

async function at(list: LongList<number>, first: number, last = first + 25): Promise<number[]> {
  list.look(first, last);
  const now = await read(list);
  return Array.from({ length: last - first + 1 }, (_, nth) => rowAt(now, first + nth) ?? Number.NaN);
}

const downFrom = (from: number, many = 26) => Array.from({ length: many }, (_, nth) => from - nth);
const held = ({ sheets }: Windowed<number>) => sheets.reduce((sum, { items }) => sum + (items?.length ?? 0), 0);

describe('a list of a million rows', () => {
  it('holds few thousand of them, in their order, and reads what was let go again by its cursor', async () => {
    const server = new Numbers(1_000_000);
    const list = new LongList(server.ask, 500, 0);
    let most = 0;
    for (let row = 0; row < 1_000_000; row += 450) {
      expect(await at(list, row, row + 9)).toEqual(downFrom(1_000_000 - row, 10));
      most = Math.max(most, held(list.shown().list));
    }
    await at(list, 999_970, 999_999);
    expect(countOf(list.shown().list)).toBe(1_000_000);
    expect(list.shown().list.hasNext).toBe(false);
    expect(most).toBeLessThanOrEqual(5500);
    expect(await at(list, 500_000)).toEqual(downFrom(500_000));
    expect(server.asked.at(-1)).toEqual({ after: '500001', position: 1_000_000 });
    expect(held(list.shown().list)).toBeLessThanOrEqual(5500);
  });
});

describe('what arrives', () => {
  it('moves no row of a list that was begun before it, also not of pages that are read later', async () => {
    const server = new Numbers(5000);
    const list = new LongList(server.ask, SIZE, 0);
    expect(await at(list, 0)).toEqual(downFrom(5000));
    server.position = 5003;
    expect(await at(list, 90)).toEqual(downFrom(4910));
    for (const row of [180, 270, 360, 450, 540, 630]) await at(list, row);
    expect(await at(list, 0)).toEqual(downFrom(5000));
  });

  it('is there once the list is read anew, each row once', async () => {
    const server = new Numbers(5000);
    const list = new LongList(server.ask, SIZE, 0);
    await at(list, 0, 60);
    await at(list, 100, 160);
    server.position = 5003;
    list.refresh(1);
    await read(list);
    expect(list.shown().tick).toBe(1);
    expect(await at(list, 0, 399)).toEqual(downFrom(5003, 400));
  });

  it('leaves the reader of a later page where they are', async () => {
    const server = new Numbers(5000);
    const list = new LongList(server.ask, SIZE, 0);
    for (const row of [0, 90, 180, 270, 360, 450]) await at(list, row);
    server.position = 5003;
    list.refresh(1);
    await read(list);
    expect(await at(list, 450)).toEqual(downFrom(4550));
  });

  it('closes up where rows have gone', async () => {
    const server = new Numbers(450);
    const list = new LongList(server.ask, SIZE, 0);
    for (const row of [0, 90, 180, 270, 360, 430]) await at(list, row, row + 9);
    for (const number of [400, 399, 120]) server.remove(number);
    list.refresh(1);
    const all = await at(list, 0, 449);
    expect(all.filter((number) => !Number.isNaN(number))).toEqual(downFrom(453, 453).filter((number) => ![400, 399, 120].includes(number)));
    expect(countOf(list.shown().list)).toBe(450);
  });
});

it('says what failed, asks nothing more meanwhile, and goes on when told to', async () => {
  const server = new Numbers(1000);
  const list = new LongList(server.ask, SIZE, 0);
  await at(list, 0);
  server.broken = true;
  await at(list, 90);
  expect(list.shown().problem?.kind).toBe('unreachable');
  const asked = server.asked.length;
  await at(list, 95);
  expect(server.asked.length).toBe(asked);
  server.broken = false;
  list.retry();
  expect(await at(list, 95)).toEqual(downFrom(905));
  expect(list.shown().problem).toBeUndefined();
});

it('gives the first rows together, as they were when the list was begun', async () => {
  const server = new Numbers(1200);
  const list = new LongList(server.ask, SIZE, 0);
  await at(list, 0);
  server.position = 1300;
  expect(await list.all(2000)).toEqual(downFrom(1200, 1200));
  expect(await list.all(700)).toEqual(downFrom(1200, 700));
});
