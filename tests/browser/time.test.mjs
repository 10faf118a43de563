// Time is one control: the page as it was known then, what changed since, and charts that are read, ranged and turned into tables.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { look } from './look.mjs';
import { open, press } from './person.mjs';
import { openDemo } from './program.mjs';

let demo, browser, page, home;
const faults = [];

before(async () => {
  ({ demo, browser, page, home } = await openDemo(faults));
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

const numberOf = (text) => Number(text.replaceAll(/[,+]/g, '').replace('−', '-').replace(/[^\d.-].*$/, ''));
const figure = (name) => page.getByRole('row', { name: new RegExp(`^${name}`) }).getByRole('button');
/** The figures on the screen are those of the question before until the answer is here. */
const settled = () => page.waitForFunction(() => !document.querySelector('main [aria-busy=true]'));
const band = () => page.getByRole('status').filter({ hasText: /^As known/ });

async function openKnowledge() {
  await page.getByRole('button', { name: /^State of knowledge/ }).click();
  return page.getByRole('dialog', { name: 'State of knowledge' });
}

test('the page shows the business as it was known before a batch, says so in a band, and one press leads back', async () => {
  const now = numberOf(await figure('Transactions').innerText());
  const drop = await openKnowledge();
  const batch = drop.getByRole('list', { name: 'Before a batch' }).getByRole('button').last();
  await batch.waitFor();
  await look(page, 'known-control');
  await batch.click();
  await band().waitFor();
  const past = Number(new URL(page.url()).searchParams.get('known').slice(1));
  assert.ok(past > 0);
  await settled();
  const known = numberOf(await figure('Transactions').innerText());
  assert.ok(known < now, `${known} were known then, ${now} are now`);
  await look(page, 'past');
  await press(page, 'Back to now');
  await band().waitFor({ state: 'hidden' });
  assert.equal(page.url(), home);
  await page.waitForFunction((before) => {
    const row = [...document.querySelectorAll('tr')].find((tr) => tr.innerText.startsWith('Transactions'));
    return row && Number(row.querySelector('button').innerText.replaceAll(',', '')) > before;
  }, known);
});

test('a past figure stays what it was while the business goes on, on every screen', async () => {
  const drop = await openKnowledge();
  await drop.getByLabel('At a position of the log').fill('900');
  await drop.getByRole('button', { name: 'Show' }).last().click();
  await page.waitForURL(/known=p900/);
  await band().getByText(/position 900/).waitFor();
  await settled();
  const before = await figure('Transactions').innerText();
  const mark = page.getByRole('note').filter({ hasText: /^[\d,]+/ });
  const position = await mark.innerText();
  await page.waitForFunction((then) => document.querySelector('[role=note]').innerText !== then, position);
  assert.equal(await figure('Transactions').innerText(), before);
  await open(page, 'Cash');
  await band().waitFor();
  assert.match(page.url(), /known=p900/);
  await page.reload();
  await band().waitFor();
  await settled();
  await press(page, 'Back to now');
  await band().waitFor({ state: 'hidden' });
});

test('before anything was known there is nothing, and it is not called zero profit without a word', async () => {
  await page.goto(home);
  const drop = await openKnowledge();
  // The demo's history is recorded as it became known, over two years.
  await drop.getByLabel('At the end of a day').fill('2010-01-31');
  await drop.getByRole('button', { name: 'Show' }).first().click();
  await band().waitFor();
  await settled();
  assert.equal(await figure('Transactions').innerText(), '0');
  await page.getByRole('row', { name: /^Margin/ }).getByRole('button', { name: /–|no value|revenue/i }).waitFor();
  await look(page, 'past-empty');
  await press(page, 'Back to now');
});

test('what changed since leads from the waterfall to a cause, to its lines, and to what the line was before', async () => {
  const waterfall = page.locator('section').filter({ has: page.getByRole('heading', { name: /^What changed in profit/ }) });
  const row = waterfall.getByRole('row', { name: /^Corrected/ });
  // One of some eighty steps of the living business corrects a line. What was known then is looked at from there on.
  await page.goto(home);
  await row.waitFor({ timeout: 180_000 });
  const position = await page.evaluate(async (business) => {
    const query = 'query ($id: UUID!) { business(id: $id) { known { position } } }';
    const answer = await fetch('/graphql', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query, variables: { id: business } }) });
    return (await answer.json()).data.business.known.position;
  }, new URL(home).pathname.split('/')[2]);
  await page.goto(`${home}?known=p${position}`);
  await band().waitFor();
  await settled();
  const count = Number((await row.locator('.muted').innerText()).replaceAll(',', ''));
  const amounts = await waterfall.locator('tr td:nth-child(2)').allInnerTexts();
  const [start, ...causes] = amounts.map(numberOf);
  const end = causes.pop();
  // Each is shown in whole units.
  assert.ok(Math.abs(start + causes.reduce((sum, one) => sum + one, 0) - end) <= causes.length, amounts.join(' '));
  await row.getByRole('button').click();
  await page.waitForURL(/\/changes\?.*cause=CORRECTED/);
  await page.getByRole('heading', { name: 'Corrected lines' }).waitFor();
  const lines = page.getByRole('table', { name: 'Transactions' }).getByRole('row');
  await lines.nth(1).waitFor();
  await page.getByText('That is all of them.').waitFor();
  assert.equal(await lines.count(), count + 1);
  for (const line of (await lines.allInnerTexts()).slice(1)) assert.match(line, /corrected/);
  await look(page, 'changes-cause');
  await lines.nth(1).click();
  const panel = page.getByRole('dialog', { name: 'What it is made of' });
  const history = panel.getByRole('listitem').filter({ hasText: /^Corrected, / });
  await history.first().waitFor();
  assert.match(await history.first().innerText(), /position [\d,]+: .+/);
  await look(page, 'changes-line');
  await page.keyboard.press('Escape');
  await page.goBack();
  await page.goto(home);
});

const chart = (name) => page.getByRole('application', { name: new RegExp(`^${name}`) });

test('a chart is read by pointer and by arrow keys, and both say what its table says', async () => {
  const revenue = chart('Revenue by month');
  await revenue.locator('canvas, svg').first().waitFor();
  const box = await revenue.boundingBox();
  await page.mouse.move(box.x + box.width * 0.5, box.y + box.height / 2);
  const reading = revenue.locator('strong');
  await reading.waitFor();
  const [month, value] = [await reading.innerText(), await revenue.locator('dd').first().innerText()];
  if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/chart-hover.png` });
  await page.mouse.move(0, 0);
  await reading.waitFor({ state: 'hidden' });

  await revenue.focus();
  await page.keyboard.press('Home');
  const first = await reading.innerText();
  await page.keyboard.press('ArrowRight');
  assert.notEqual(await reading.innerText(), first);
  await page.keyboard.press('t');
  const table = page.getByRole('table', { name: 'Revenue by month' });
  await table.waitFor();
  const row = table.getByRole('row', { name: month });
  assert.equal(await row.getByRole('cell').first().innerText(), value);
  await look(page, 'chart-table');
  await revenue.getByRole('button', { name: 'Copy' }).click();
  await revenue.getByRole('button', { name: 'Copied' }).waitFor();
  const copied = (await page.evaluate(() => navigator.clipboard.readText())).split('\n').map((line) => line.split('\t'));
  assert.deepEqual(copied[0], ['Month', 'Actual', 'Year before']);
  assert.equal(copied.find(([name]) => name === month)?.[1], value);
  await revenue.focus();
  await page.keyboard.press('t');
  await table.waitFor({ state: 'hidden' });
});

test('days are chosen by drawing over a chart, and Back gives the period before them', async () => {
  await page.goto(home);
  const revenue = chart('Revenue by month');
  await revenue.locator('canvas, svg').first().waitFor();
  await revenue.scrollIntoViewIfNeeded();
  const box = await revenue.boundingBox();
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * 0.5, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, y, { steps: 4 });
  await page.mouse.move(box.x + box.width * 0.8, y, { steps: 4 });
  await page.mouse.up();
  await page.waitForURL(/period=\d{4}-\d\d-01\.\.\d{4}-\d\d-\d\d/);
  const [from, to] = new URL(page.url()).searchParams.get('period').split('..');
  assert.ok(Date.parse(to) - Date.parse(from) > 60 * 86_400_000, `${from} to ${to}`);
  await page.getByRole('heading', { name: /against last year$/ }).waitFor();
  await settled();
  await look(page, 'range');
  await page.goBack();
  await page.getByText('This month against last year').waitFor();
  assert.equal(page.url(), home);
});

test('until the answer of another time is here, the figures on the screen are not to be taken for it', async () => {
  let release;
  const held = new Promise((done) => (release = done));
  await page.route('**/graphql', async (route) => {
    if (route.request().postDataJSON()?.operationName === 'Summary') await held;
    await route.continue();
  });
  await page.keyboard.press('[');
  await page.waitForURL(/period=/);
  // Looked for and looked at at once: the page draws itself anew meanwhile.
  await page.waitForFunction(() => [...document.querySelectorAll('main [aria-busy=true]')].some((one) => getComputedStyle(one).filter.includes('blur')));
  release();
  await settled();
  await page.unrouteAll({ behavior: 'ignoreErrors' });
});

test('nothing failed in the page', () => assert.deepEqual(faults, []));
