// The whole way without a pointer: the palette, a list walked by j and k, Enter and Esc, periods by [ and ], and the keys themselves.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openDemo } from './program.mjs';

let demo, browser, page;
const faults = [];

before(async () => {
  ({ demo, browser, page } = await openDemo(faults));
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-index') ?? document.activeElement?.textContent ?? '');
const focusOn = (index) => page.waitForFunction((wanted) => document.activeElement?.getAttribute('data-index') === wanted, String(index));

test('the first Tab offers the way past the rail', async () => {
  await page.keyboard.press('Tab');
  assert.equal(await focused(), 'To the figures');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement?.id === 'screen');
});

test('Ctrl-K finds a screen, and Enter goes there', async () => {
  await page.keyboard.press('Control+k');
  const results = page.getByRole('listbox', { name: 'Results' });
  await results.waitFor();
  await page.keyboard.type('transac');
  await page.getByRole('option', { name: /^Transactions/, selected: true }).waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL('**/transactions');
  await results.waitFor({ state: 'hidden' });
  await page.getByRole('heading', { name: 'Transactions' }).waitFor();
});

test('Ctrl-K understands a month, and an arrow chooses the next answer', async () => {
  await page.keyboard.press('Control+k');
  const month = new Date(Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth() - 2, 1)).toISOString().slice(0, 7);
  await page.keyboard.type(month);
  const results = page.getByRole('listbox', { name: 'Results' });
  await results.getByRole('option', { selected: true }).waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL(new RegExp(`period=${month}`));
  await page.keyboard.press('Control+k');
  await page.keyboard.type('this');
  const second = await results.getByRole('option').nth(1).innerText();
  await page.keyboard.press('ArrowDown');
  assert.equal(await results.getByRole('option', { selected: true }).innerText(), second);
  await page.keyboard.press('Escape');
  await results.waitFor({ state: 'hidden' });
});

test('j and k walk the list, Enter opens a line, Esc closes it and gives the row back', async () => {
  await page.getByRole('table', { name: 'Transactions' }).getByRole('row').nth(5).waitFor();
  await page.keyboard.press('j');
  await focusOn(0);
  for (const index of [1, 2, 3]) {
    await page.keyboard.press('j');
    await focusOn(index);
  }
  await page.keyboard.press('k');
  await focusOn(2);
  await page.keyboard.press('Enter');
  const panel = page.getByRole('dialog', { name: 'What it is made of' });
  await panel.getByText('Hash', { exact: true }).waitFor();
  assert.match(page.url(), /tx=/);
  // With the panel open the list is walked on, and the panel follows Enter.
  const one = page.url();
  await page.keyboard.press('j');
  await focusOn(3);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.href !== one);
  await panel.getByText('Hash', { exact: true }).waitFor();
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'hidden' });
  assert.doesNotMatch(page.url(), /tx=/);
  await page.keyboard.press('j');
  await focusOn(4);
});

test('a list of hundreds is walked beyond what was loaded at first', async () => {
  const table = page.getByRole('table', { name: 'Transactions' });
  for (let step = 5; step < 120; step += 1) {
    await page.keyboard.press('j');
    await focusOn(step);
  }
  const inView = (index) =>
    page.waitForFunction((wanted) => {
      const row = document.querySelector(`[data-index="${wanted}"]`)?.getBoundingClientRect();
      const head = document.querySelector('[role=columnheader]').getBoundingClientRect();
      return row && row.top >= head.bottom && row.bottom <= window.innerHeight;
    }, index);
  await inView(119);
  // Up again, past the head that stays over the rows.
  for (let step = 118; step >= 60; step -= 1) {
    await page.keyboard.press('k');
    await focusOn(step);
  }
  await inView(60);
  assert.ok((await table.getByRole('row').count()) < 80, 'all rows are in the page at once');
});

test('[ and ] move the period, g and a letter open a screen, and a letter in a field stays a letter', async () => {
  const before = page.url();
  await page.keyboard.press('[');
  await page.waitForURL((url) => url.href !== before);
  await page.keyboard.press(']');
  await page.waitForURL((url) => url.searchParams.get('period') === new URL(before).searchParams.get('period'));
  await page.getByLabel('Search', { exact: true }).focus();
  await page.keyboard.type('gc?j[');
  assert.equal(await page.getByLabel('Search', { exact: true }).inputValue(), 'gc?j[');
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press('g');
  await page.keyboard.press('h');
  await page.waitForURL(/\/b\/[^/]+\/?(\?|$)/);
});

// In one task of the page, as on a busy machine: the browser has not yet told that the palette was closed.
test('? right after Esc shows the keys, though the palette is told as closed only then', async () => {
  await page.keyboard.press('Control+k');
  await page.getByRole('listbox', { name: 'Results' }).waitFor();
  await page.evaluate(() => {
    document.querySelector('dialog[open]').close();
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: '?', bubbles: true }));
  });
  const keys = page.getByRole('dialog', { name: 'Keys' });
  await keys.getByText('next and previous line in a list').waitFor();
  await page.keyboard.press('Escape');
  await keys.waitFor({ state: 'hidden' });
});

test('? shows the keys, and Esc closes them', async () => {
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press('?');
  const keys = page.getByRole('dialog', { name: 'Keys' });
  await keys.getByText('next and previous line in a list').waitFor();
  await page.keyboard.press('Escape');
  await keys.waitFor({ state: 'hidden' });
});

test('a figure is opened by Enter, and after Esc the focus is on it again', async () => {
  const figure = page.getByRole('row', { name: /^Expenses/ }).getByRole('button');
  await figure.focus();
  await page.keyboard.press('Enter');
  const panel = page.getByRole('dialog', { name: 'What it is made of' });
  await panel.getByRole('heading', { name: /^Expenses, / }).waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === 'H2');
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'hidden' });
  assert.ok(await figure.evaluate((one) => one === document.activeElement), 'the focus is lost');
});

test('nothing failed in the page', () => assert.deepEqual(faults, []));
