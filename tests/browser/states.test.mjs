// What the page shows when there is no answer yet, none at all, or nobody to give one: each in the place of the figures, in words.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { look } from './look.mjs';
import { press } from './person.mjs';
import { openDemo } from './program.mjs';

// The program starts again under load; the page tries every eight seconds.
const PATIENCE = 90_000;
let demo, browser, page, home;
const faults = [];

before(async () => {
  ({ demo, browser, page, home } = await openDemo(faults));
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

const GRAPHQL = '**/graphql';
/** Questions go their own way again; those that are held just now too. */
const letThrough = () => page.unrouteAll({ behavior: 'ignoreErrors' });
const asks = (route, name) => route.request().postDataJSON()?.operationName === name;
const figure = (name) => page.getByRole('row', { name: new RegExp(`^${name}`) }).getByRole('button');

/** Questions for the summary wait until they are let go. */
async function holdSummary() {
  let release;
  const held = new Promise((done) => (release = done));
  await page.route(GRAPHQL, async (route) => {
    if (asks(route, 'Summary')) await held;
    await route.continue();
  });
  await page.goto(home);
  await page.locator('p[aria-busy=true]').waitFor();
  await page.getByRole('heading', { name: 'Revenue by month' }).waitFor();
  return release;
}

test('while it loads the place of the figures is kept', async () => {
  const release = await holdSummary();
  await look(page, 'home-loading');
  release();
  await figure('Expenses').waitFor();
  await letThrough();
});

test('and nothing moves when they come', async () => {
  await page.addInitScript(() => {
    globalThis.shifts = [];
    new PerformanceObserver((list) => {
      for (const { value, sources } of list.getEntries()) globalThis.shifts.push({ value, of: sources.map((one) => `${one.node?.className ?? one.node?.nodeName}`) });
    }).observe({ type: 'layout-shift', buffered: true });
  });
  const release = await holdSummary();
  release();
  await figure('Expenses').waitFor();
  await page.locator('p[aria-busy=true]').waitFor({ state: 'hidden' });
  // A frame later what the answer moved has been told.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100))));
  await letThrough();
  const shifts = await page.evaluate(() => globalThis.shifts);
  // What browsers call good is a tenth.
  assert.ok(shifts.reduce((sum, { value }) => sum + value, 0) < 0.02, JSON.stringify(shifts));
});

test('a refusal of the server is said, with what to do, and the next try shows the figures', async () => {
  // Refused until somebody presses: what the page asks by itself, as the business changes, must not take the button away.
  let broken = true;
  await page.exposeFunction('pressed', () => (broken = false));
  await page.route(GRAPHQL, (route) => (broken && asks(route, 'Summary') ? route.fulfill({ status: 500, contentType: 'application/problem+json', body: '{"title":"Broken","status":500}' }) : route.continue()));
  await page.goto(home);
  const failure = page.getByRole('alert').first();
  await failure.getByText(/Nothing was changed/).waitFor();
  await look(page, 'home-error');
  await page.evaluate(() => document.addEventListener('click', () => globalThis.pressed(), { capture: true, once: true }));
  await failure.getByRole('button', { name: 'Try again' }).click();
  await figure('Expenses').waitFor();
  await failure.waitFor({ state: 'hidden' });
  await letThrough();
});

test('figures of eight digits fit a phone, and what was before gives way', async () => {
  await page.route(GRAPHQL, async (route) => {
    if (!asks(route, 'Summary')) return route.continue();
    const response = await route.fetch();
    const body = await response.json();
    for (const figure of body.data.business.summary.figures.filter(({ unit }) => unit === 'MONEY')) {
      for (const part of ['value', 'before', 'difference']) if (figure[part] !== null) figure[part] = `${figure[part].startsWith('-') ? '-' : ''}97977309.90`;
    }
    return route.fulfill({ response, json: body });
  });
  await page.goto(home);
  await figure('Expenses').getByText('97,977,310').waitFor();
  await look(page, 'home-wide');
  await page.setViewportSize({ width: 360, height: 760 });
  assert.equal(await page.getByRole('row', { name: /^Expenses/ }).locator('td').nth(1).isVisible(), false);
  await page.setViewportSize({ width: 1280, height: 900 });
  await letThrough();
  await page.goto(home);
  await figure('Expenses').waitFor();
});

test('figures that are on the screen stay while a later question fails, and say of when they are', async () => {
  await page.route(GRAPHQL, (route) => (asks(route, 'Summary') ? route.abort() : route.continue()));
  const failure = page.getByRole('alert').first();
  await failure.getByText(/The figures shown are of \d\d:\d\d/).waitFor();
  // The business lives on: what was answered before is what stays.
  const shown = await figure('Expenses').innerText();
  assert.match(shown, /\d/);
  await page.waitForEvent('requestfailed', (request) => request.postDataJSON()?.operationName === 'Summary');
  assert.equal(await figure('Expenses').innerText(), shown);
  await letThrough();
  await failure.waitFor({ state: 'hidden' });
});

test('a business without a line offers the next step', async () => {
  await page.goto(`${demo.base}/new`);
  await page.getByRole('heading', { name: 'Register a business' }).waitFor();
  await look(page, 'new');
  await page.getByLabel('Name').fill('Empty drawer');
  await press(page, 'Register, then import a file');
  await page.getByRole('heading', { name: 'Imports' }).waitFor();
  const empty = page.url().replace('/imports', '');
  await page.goto(empty);
  await page.getByText('Empty drawer has no transactions yet.').waitFor();
  await look(page, 'home-empty');
  await page.getByRole('link', { name: 'Import a file' }).click();
  await page.waitForURL('**/imports');
  await page.goto(home);
});

test('the live mark moves with the log', async () => {
  await page.goto(home);
  const mark = page.getByRole('note').first();
  await figure('Transactions').waitFor();
  const before = await mark.innerText();
  const position = Number(/^[\d,]+/.exec(before)[0].replaceAll(',', ''));
  await page.waitForFunction((then) => Number(/^[\d,]+/.exec(document.querySelector('[role=note]').innerText)?.[0].replaceAll(',', '')) > then + 3, position);
  assert.match(await mark.innerText(), /\+\d+/);
});

test('when the program dies the page says since when and keeps its figures; when it is back it goes on by itself', async () => {
  const heading = await page.locator('h1').first().innerText();
  // What opens a figure comes after the first view, by itself.
  await page.waitForFunction(() => performance.getEntriesByType('resource').some(({ name }) => /\/panel-[^/]*\.js/.test(name)));
  await demo.kill();
  const band = page.getByRole('status').filter({ hasText: /^No connection since/ });
  await band.getByText(/No connection since \d\d:\d\d.*The figures are as of then; nothing was lost/).waitFor();
  const mark = page.getByRole('note').first();
  await mark.getByText(/no connection since \d\d:\d\d/).waitFor();
  const shown = await figure('Transactions').innerText();
  assert.match(shown, /^[\d,]+$/);
  assert.equal(await page.getByRole('alert').count(), 0, 'the band says it once');
  assert.equal(await page.locator('h1').first().innerText(), heading);
  await look(page, 'connection-lost');
  // What is not on the screen yet says so, too.
  await figure('Expenses').click();
  const panel = page.getByRole('dialog', { name: 'What it is made of' });
  await panel.getByRole('alert').getByText(/Nothing was lost/).waitFor();
  await look(page, 'panel-without-server');
  assert.equal(await figure('Transactions').innerText(), shown, 'a figure went');

  await demo.startAgain();
  await band.waitFor({ state: 'hidden', timeout: PATIENCE });
  await page.waitForFunction(
    (then) => {
      const row = [...document.querySelectorAll('tr')].find((tr) => tr.innerText.startsWith('Transactions'));
      return row && row.querySelector('button').innerText !== then;
    },
    shown,
    { timeout: PATIENCE },
  );
  await panel.getByRole('heading', { name: 'Parts' }).waitFor({ timeout: PATIENCE });
  assert.equal(await page.getByRole('alert').count(), 0, 'an alert stays after all is well');
  await page.keyboard.press('Escape');
});

test('nothing failed in the page', () => assert.deepEqual(faults, []));
