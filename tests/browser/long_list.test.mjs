// A list of thousands of lines while the business lives: scrolled to its end and back, chosen in, left and come back to.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { look } from './look.mjs';
import { open } from './person.mjs';
import { openDemo } from './program.mjs';

/** Rows that may be in the page at once, whatever is scrolled through. */
const MOST_ROWS = 80;
/** So many of its lines are walked. */
const WALKED = 3000;
let demo, browser, page, home, expected;
const faults = [];

before(async () => {
  ({ demo, browser, page, home } = await openDemo(faults));
  home = home.replace(/\/$/, '');
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** The first lines of a business as of a position, in the list's order, asked for without the page. */
async function firstLines(position) {
  return page.evaluate(
    async ([business, position, wanted]) => {
      const query = `query ($id: UUID!, $after: String, $asOf: AsOf) { business(id: $id) { transactions(first: 500, after: $after, asOf: $asOf) {
        nodes { id amount description counterparty } pageInfo { hasNextPage endCursor } } } }`;
      const lines = [];
      for (let after = null; ; ) {
        const body = JSON.stringify({ query, variables: { id: business, after, asOf: { position } } });
        const answer = await fetch('/graphql', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
        const { nodes, pageInfo } = (await answer.json()).data.business.transactions;
        lines.push(...nodes);
        if (!pageInfo.hasNextPage || lines.length > wanted) return lines;
        after = pageInfo.endCursor;
      }
    },
    [new URL(home).pathname.split('/')[2], position, WALKED],
  );
}

/** Opens the list and tells the position that it is as of. */
async function openList() {
  // What a page before still asks is none of its answers.
  await page.goto('about:blank');
  const isTransactions = (response) => response.url().endsWith('/graphql') && response.request().postDataJSON()?.operationName === 'Transactions';
  const answer = page.waitForResponse(isTransactions);
  await page.goto(`${home}/transactions?period=2015-01-01..${new Date().toISOString().slice(0, 10)}`);
  const { data } = await (await answer).json();
  await row(0).waitFor();
  return data.business.transactions.known.position;
}

const list = () => page.getByRole('table', { name: 'Transactions' });
const row = (index) => list().locator(`[data-index="${index}"]`);

/** The rows of the page once those in view are read: their numbers, what they say and where they stand. */
async function rows() {
  await page.waitForFunction(() => {
    const inView = (one) => one.getBoundingClientRect().bottom > 0 && one.getBoundingClientRect().top < window.innerHeight;
    return ![...document.querySelectorAll('[role=row][aria-busy]')].some(inView);
  });
  return page.evaluate(() =>
    [...document.querySelectorAll('[role=table] [role=row][data-index]')].map((one) => {
      const cells = [...one.querySelectorAll('[role=cell]')].map((cell) => cell.textContent);
      return { index: Number(one.dataset.index), number: Number(one.getAttribute('aria-rowindex')), top: one.getBoundingClientRect().top, what: cells.at(-4), amount: cells.at(-1) };
    }),
  );
}

const amountOf = (text) => Number(text.replace('−', '-').replace(/[^\d.-]/g, ''));

function isLine({ index, number, what, amount }) {
  const line = expected[index];
  assert.ok(line, `row ${index} is beyond the end`);
  assert.equal(number, index + 2, 'a screen reader is told another row');
  assert.ok(what.includes(line.description ?? line.counterparty ?? ''), `row ${index} is ${what} and not ${line.description}`);
  assert.equal(amountOf(amount), Number(line.amount), `row ${index}`);
}

/** Brings a row to the top of the window, as soon as the list reaches so far. */
async function goTo(index) {
  await page.waitForFunction((wanted) => {
    const held = document.querySelector('[data-index]');
    if (!held) return false;
    window.scrollTo(0, wanted * held.offsetHeight);
    return document.querySelector(`[data-index="${wanted}"]`);
  }, index);
}

const top = async () => (await rows()).find((one) => one.top >= 30);

test('scrolled through, each of thousands of lines is there once and in its place, and few of them in the page', async () => {
  expected = await firstLines(await openList());
  assert.ok(expected.length >= WALKED, `only ${expected.length} lines`);
  assert.equal(new Set(expected.map(({ id }) => id)).size, expected.length);
  await row(2).getByRole('checkbox').check();
  const seen = new Set();
  let most = 0;
  while (seen.size < WALKED) {
    await goTo(seen.size);
    const now = await rows();
    most = Math.max(most, await page.locator('[role=table] [role=row]').count());
    now.forEach(isLine);
    const before = seen.size;
    for (const { index } of now) seen.add(index);
    if (before <= 1500 && seen.size > 1500) {
      await row(now[20].index).focus();
      await page.keyboard.press('x');
    }
  }
  assert.deepEqual([...seen].sort((a, b) => a - b), Array.from(seen, (_, index) => index), 'a row was left out');
  assert.ok(most <= MOST_ROWS, `${most} rows were in the page at once`);
  assert.equal(await list().getAttribute('aria-rowcount'), '-1', 'it is not known yet how many there are');
});

test('what was chosen on the way stays chosen, and up again the lines are the same', async () => {
  const bar = page.getByRole('form', { name: 'With the chosen transactions' });
  await bar.getByText('2 chosen').waitFor();
  for (const index of [2200, 1400, 600, 0]) {
    await goTo(index);
    const now = await rows();
    now.forEach(isLine);
    assert.ok(now.length > 20);
  }
  assert.ok(await row(2).getByRole('checkbox').isChecked());
  assert.ok(!(await row(3).getByRole('checkbox').isChecked()));
  await look(page, 'transactions-chosen-far');
  await bar.getByRole('button', { name: 'Clear' }).click();
  assert.ok(!(await row(2).getByRole('checkbox').isChecked()));
});

test('what arrives is told and moves nothing; shown, it is above, and whoever reads further down stays there', async () => {
  await openList();
  await goTo(40);
  const was = await top();
  const more = page.getByRole('button', { name: /Something arrived since/ });
  await more.waitFor();
  assert.deepEqual(await top(), was);
  // What arrives may stand further down too: it is shown until something came above. The same line then stands at the
  // same place of the window, and has another number.
  await page.waitForFunction(
    ([what, top, index]) => {
      const isAtItsPlace = (one) => Math.abs(one.getBoundingClientRect().top - top) < 1 && one.textContent.includes(what);
      if ([...document.querySelectorAll('[data-index]')].some((one) => isAtItsPlace(one) && Number(one.dataset.index) > index)) return true;
      [...document.querySelectorAll('button')].find((one) => one.textContent.startsWith('Something arrived since'))?.click();
      return false;
    },
    [was.what, was.top, was.index],
    { polling: 500 },
  );
  assert.equal((await top()).amount, was.amount);
});

test('all are chosen with one tick, up to a limit that is told', async () => {
  await openList();
  await page.getByRole('checkbox', { name: 'All of them, at most the first 2,000' }).click();
  const bar = page.getByRole('form', { name: 'With the chosen transactions' });
  await bar.getByText('2,000 chosen').waitFor();
  assert.ok(await row(9).getByRole('checkbox').isChecked());
  await page.keyboard.press('Escape');
  await bar.waitFor({ state: 'hidden' });
});

test('Back and Forward give the place again', async () => {
  await openList();
  await goTo(400);
  await rows();
  const was = await top();
  await open(page, 'Cash');
  await page.getByRole('heading', { name: 'Cash' }).first().waitFor();
  const there = (what) => page.waitForFunction((wanted) => [...document.querySelectorAll('[data-index]')].some((one) => one.textContent.includes(wanted) && one.getBoundingClientRect().top >= 0 && one.getBoundingClientRect().bottom <= window.innerHeight), what);
  await page.goBack();
  await there(was.what);
  const again = await top();
  assert.equal(again.amount, was.amount);
  assert.ok(Math.abs(again.top - was.top) < 1, `${again.top} is not ${was.top}`);
  // A line opened from there, and closed by Back, moves nothing either.
  await row(again.index + 5).click();
  await page.getByRole('dialog', { name: 'What it is made of' }).waitFor();
  await page.goBack();
  await page.getByRole('dialog', { name: 'What it is made of' }).waitFor({ state: 'hidden' });
  assert.ok(Math.abs((await top()).top - was.top) < 1);
  await page.goForward();
  await page.getByRole('dialog', { name: 'What it is made of' }).waitFor();
  assert.ok(Math.abs((await top()).top - was.top) < 1);
});

test('on a phone it is walked by touch as well', async () => {
  await page.setViewportSize({ width: 360, height: 760 });
  expected = await firstLines(await openList());
  for (let index = 0; index <= 400; index += 20) {
    await goTo(index);
    const now = await rows();
    now.forEach(isLine);
    assert.ok(now.length <= MOST_ROWS);
  }
  if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/long-list-phone.png` });
});

test('the audit history is walked to its older events in the same way', async () => {
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goto(`${home}/audit`);
  const table = page.getByRole('table', { name: 'Audit history' });
  await table.locator('[data-index="0"]').waitFor();
  const seen = new Map();
  for (let index = 0; index <= 320; index += 20) {
    await goTo(index);
    await rows();
    const now = await page.evaluate(() => [...document.querySelectorAll('[data-index]')].map((one) => [Number(one.dataset.index), Number(one.querySelector('[role=cell]:last-child').textContent)]));
    for (const [index, position] of now) {
      assert.equal(seen.get(index) ?? position, position);
      seen.set(index, position);
    }
    assert.ok(now.length <= MOST_ROWS);
  }
  const positions = [...seen].sort(([a], [b]) => a - b).map(([, position]) => position);
  assert.ok(positions.length > 300, `only ${positions.length}`);
  positions.slice(1).forEach((position, nth) => assert.ok(position < positions[nth], 'not newest first'));
});

test('nothing failed in the page', () => assert.deepEqual(faults, []));
