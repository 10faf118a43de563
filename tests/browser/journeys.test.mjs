// What a person does: sign in, read the answer, see it move, open a figure down to its event.
// WORKDOCK names the program; SCREENSHOTS, where set, is a folder that gets the pictures of the README, and PICTURES one
// that gets each screen at each width in light and dark.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { look } from './look.mjs';
import { startBrowser, startDemo } from './program.mjs';

const PATIENCE = 60_000;
let demo, browser, page;
const faults = [];

before(async () => {
  demo = await startDemo();
  browser = await startBrowser();
  page = await browser.newPage({ viewport: { width: 1280, height: 960 } });
  page.setDefaultTimeout(PATIENCE);
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) faults.push(message.text());
  });
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

test('a stranger is shown where to sign in', async () => {
  const context = await browser.newContext();
  const stranger = await context.newPage();
  await stranger.goto(demo.base);
  await stranger.waitForURL('**/sign-in');
  await stranger.getByText('workdock sign-in').first().waitFor();
  await context.close();
});

test('the link signs in and the page answers in one sentence', async () => {
  await page.goto(demo.link);
  await page.waitForURL('**/b/**');
  await page.getByText(/so far in/).first().waitFor();
  await page.getByText('This month against last year').waitFor();
});

test('a used link is refused', async () => {
  const context = await browser.newContext();
  const answer = await context.request.post(`${demo.base}/api/v1/session`, {
    headers: { origin: demo.base },
    data: { token: new URL(demo.link).searchParams.get('token') },
  });
  assert.equal(answer.status(), 401);
  await context.close();
});

test('the figures move while the business lives', async () => {
  const row = page.getByRole('row', { name: /^Transactions/ });
  const before = await row.innerText();
  await page.waitForFunction(
    (text) => [...document.querySelectorAll('tr')].some((tr) => tr.innerText.startsWith('Transactions') && tr.innerText !== text),
    before,
    { timeout: PATIENCE },
  );
});

test('all figures of Home are of one position, and move together', async () => {
  const asked = [];
  const read = async (response) => {
    if (!response.url().endsWith('/graphql')) return;
    const { operationName, variables } = response.request().postDataJSON();
    if (!['Summary', 'Balances', 'Series', 'Changes'].includes(operationName) || !variables.minPosition) return;
    // Nothing, where the page has gone on meanwhile.
    const { data } = await response.json().catch(() => ({}));
    if (!data) return;
    const { summary, balances, series, changes } = data.business;
    asked.push({ operationName, at: variables.minPosition, known: (changes?.to ?? (summary ?? balances ?? series).known).position });
  };
  const reading = [];
  const listen = (response) => reading.push(read(response));
  page.on('response', listen);
  /** The one position that all of them name, unless it is this; nothing while they differ. */
  const one = (not) => {
    const said = [...document.querySelectorAll('[data-tip*="As of position"]')].map((figure) => /As of position (.+)/.exec(figure.dataset.tip)[1]);
    return said.length > 12 && new Set(said).size === 1 && said[0] !== not ? said[0] : null;
  };
  const before = await (await page.waitForFunction(one, '', { timeout: PATIENCE })).jsonValue();
  if (process.env.SCREENSHOTS) await page.screenshot({ path: join(process.env.SCREENSHOTS, 'home.png') });
  await page.waitForFunction(one, before, { timeout: PATIENCE });
  page.off('response', listen);
  await Promise.all(reading);
  assert.ok(new Set(asked.map((one) => one.operationName)).size === 4, JSON.stringify(asked));
  for (const { operationName, at, known } of asked) assert.equal(known, at, operationName);
});

/** The month before this one: nothing comes into it any more while the test reads. */
function lastMonth() {
  const day = new Date();
  day.setUTCDate(0);
  return day.toISOString().slice(0, 7);
}

test('a figure opens down to its event, and Back and the address restore each step', async () => {
  const panel = page.getByRole('dialog', { name: 'What it is made of' });
  const home = new URL(page.url());
  home.searchParams.set('period', lastMonth());
  await page.goto(home.href);
  const figure = page.getByRole('row', { name: /^Expenses/ }).getByRole('button');
  const shown = await figure.innerText();

  await figure.click();
  await panel.getByRole('heading', { name: /^Expenses, / }).waitFor();
  await panel.getByRole('heading', { name: 'Parts' }).waitFor();
  const whole = await valueOf(panel);
  assert.equal(shown, whole.toLocaleString('en-US', { maximumFractionDigits: 0 }), 'the panel tells another figure');
  const parts = await panel.locator('table tr td:nth-child(2)').allInnerTexts();
  assert.equal(cents(whole), parts.reduce((sum, part) => sum + cents(numberOf(part)), 0), 'the parts are not the whole');
  if (process.env.SCREENSHOTS) await page.screenshot({ path: join(process.env.SCREENSHOTS, 'explain.png') });
  const opened = page.url();

  const part = panel.getByRole('rowheader').getByRole('button').first();
  const name = await part.innerText();
  await part.click();
  await panel.getByRole('heading', { name: `${name}, ` }).waitFor();
  assert.equal(cents(await valueOf(panel)), cents(numberOf(parts[0])));
  const narrowed = page.url();

  const line = panel.getByRole('listitem').getByRole('button').first();
  const amount = await line.locator('.num').innerText();
  await line.click();
  const event = await eventOf(panel);
  const { transaction } = await eventOfLine(new URL(page.url()));
  assert.equal(event.Hash, transaction.event.hash);
  assert.equal(event.Event, `${transaction.event.type}, position ${transaction.event.position.toLocaleString('en-US')}`);
  assert.match(event.Recorded, new RegExp(`^[A-Z][a-z]{2} \\d+, \\d{4}, \\d\\d:\\d\\d:\\d\\d · from ${transaction.event.source.name}$`));
  assert.equal(numberOf(event.Amount), Number(transaction.amount));
  assert.ok(event.Amount.startsWith(amount), `${amount} is not of ${event.Amount}`);
  const deepest = page.url();
  await look(page, 'explain-event');

  // Each step back is the one that was, and the address alone brings the deepest one.
  await page.goBack();
  await panel.getByText('Hash', { exact: true }).waitFor({ state: 'hidden' });
  assert.equal(page.url(), narrowed);
  await panel.getByRole('heading', { name: `${name}, ` }).waitFor();
  await page.goBack();
  await panel.getByRole('heading', { name: /^Expenses, / }).waitFor();
  assert.equal(page.url(), opened);
  await page.goBack();
  await panel.waitFor({ state: 'hidden' });
  assert.equal(page.url(), home.href);
  for (const url of [opened, narrowed, deepest]) {
    await page.goForward();
    await page.waitForURL(url);
  }
  assert.deepEqual(await eventOf(panel), event);
  const context = await browser.newContext({ storageState: await page.context().storageState() });
  const elsewhere = await context.newPage();
  await elsewhere.goto(deepest);
  assert.deepEqual(await eventOf(elsewhere.getByRole('dialog', { name: 'What it is made of' })), event);
  await context.close();
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'hidden' });
  home.searchParams.delete('period');
  await page.goto(home.href);
});

test('an event opens over its line and by its position alone, and where there is none that is said', async () => {
  const home = new URL(page.url());
  await page.goto(`${home.href}?period=${lastMonth()}`);
  const line = page.getByRole('dialog', { name: 'What it is made of' });
  await page.getByRole('row', { name: /^Expenses/ }).getByRole('button').click();
  await line.getByRole('listitem').getByRole('button', { name: /−[\d,.]+$/ }).first().click();
  const { Event, Hash } = await eventOf(line);
  const opened = page.url();
  await line.getByRole('link', { name: /position [\d,]+/ }).first().click();
  const event = page.getByRole('dialog', { name: 'What happened' });
  assert.equal((await eventOf(event)).Hash, Hash);
  await page.keyboard.press('Escape');
  await event.waitFor({ state: 'hidden' });
  await line.getByText('Hash', { exact: true }).waitFor();
  assert.equal(page.url(), opened);

  const audit = `${home.origin}${home.pathname.replace(/\/$/, '')}/audit`;
  const position = /position ([\d,]+)/.exec(Event)[1].replaceAll(',', '');
  await page.goto(`${audit}?event=${position}`);
  assert.equal((await eventOf(event)).Hash, Hash);
  await look(page, 'event-by-address');
  await page.goto(`${audit}?event=999999999`);
  await event.getByText(/has no event at position 999,999,999/).waitFor();
  await look(page, 'event-not-there');
  await page.goto(home.href);
});

const numberOf = (text) => Number(text.replaceAll(',', '').replace('−', '-').replace(/[^\d.-].*$/, ''));
const cents = (amount) => Math.round(amount * 100);
const valueOf = async (panel) => numberOf(await panel.locator('h2 + p').innerText());

/** What the open line says of its event, by name. */
async function eventOf(panel) {
  await panel.getByText('Hash', { exact: true }).waitFor();
  const pairs = await panel.locator('dt').evaluateAll((names) => names.map((one) => [one.innerText, one.nextElementSibling.innerText]));
  return Object.fromEntries(pairs);
}

/** The same as the server says it, of the line that the address names. */
async function eventOfLine(address) {
  const query = `query ($business: UUID!, $id: UUID!) { business(id: $business) { transactionHistory(id: $id) {
    transaction { amount event { type position hash source { name } } } } } }`;
  const variables = { business: address.pathname.split('/')[2], id: address.searchParams.get('tx') };
  const { data } = await page.evaluate(async (body) => {
    const answer = await fetch('/graphql', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    return answer.json();
  }, JSON.stringify({ query, variables }));
  return data.business.transactionHistory.at(-1);
}

const SCREENS = {
  Home: 'This month against last year',
  Cash: 'Cash',
  'Money in': 'Money in',
  'Money out': 'Money out',
  Transactions: 'Transactions',
  Rules: 'Rules',
  Changes: 'What changed in',
  Imports: 'What came so far',
  Reports: 'Reports',
  'Audit history': 'Audit history',
};

for (const [screen, words] of Object.entries(SCREENS)) {
  test(`${screen} is fit for its readers: axe finds nothing, at any width, light and dark`, async () => {
    await page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: screen, exact: true }).first().click();
    await page.getByRole('heading', { name: words }).first().waitFor();
    await look(page, screen.toLowerCase().replaceAll(' ', '-'));
  });
}

test('the audit history leads from an event to the figures that it moved, and out as CSV', async () => {
  const history = page.getByRole('table', { name: 'Audit history' });
  await history.getByRole('row').nth(1).waitFor();
  await page.getByLabel('What', { exact: true }).selectOption('account.synced');
  await page.waitForURL(/did=account\.synced/);
  await history.getByRole('row').nth(1).click();
  const panel = page.getByRole('dialog', { name: 'What happened' });
  await panel.getByRole('link', { name: /20\d\d$/ }).first().waitFor();
  await look(page, 'audit-event');
  await panel.getByRole('link', { name: /20\d\d$/ }).first().click();
  await page.getByRole('heading', { name: /What changed in/ }).waitFor();
  assert.match(page.url(), /known=p\d+.*since=p\d+|since=p\d+.*known=p\d+/);
  await page.goBack();
  await page.keyboard.press('Escape');
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'These as CSV' }).click();
  const rows = (await readFile(await (await download).path(), 'utf8')).trim().split('\n');
  assert.ok(rows.length > 1 && rows.slice(1).every((row) => row.includes('account.synced')), rows.slice(0, 3).join('\n'));
});

test('the panel, the palette, the keys and an open control are fit for their readers', async () => {
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: 'Home', exact: true }).first().click();
  await page.getByRole('row', { name: /^Revenue/ }).getByRole('button').first().click();
  await page.getByRole('dialog', { name: 'What it is made of' }).waitFor();
  await look(page, 'panel');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await page.getByRole('listbox', { name: 'Results' }).waitFor();
  await look(page, 'palette');
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  await look(page, 'keys');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /^Period/ }).click();
  await page.getByRole('dialog', { name: 'Period' }).waitFor();
  await look(page, 'period');
  await page.keyboard.press('Escape');
});

test('whoever owns the installation reads its own history, the link that was used twice too', async () => {
  const home = page.url();
  await page.goto(`${demo.base}/account`);
  await page.getByRole('link', { name: 'History of this installation' }).click();
  const entries = page.getByRole('table').getByRole('row');
  await entries.filter({ hasText: 'Owner of the installation' }).filter({ hasText: /Signed in/ }).first().waitFor();
  await look(page, 'installation-history');
  await page.getByLabel('What', { exact: true }).selectOption('security.sign_in_failed');
  await entries.filter({ hasText: 'Nobody who is signed in' }).first().waitFor();
  assert.equal(await entries.filter({ hasText: /Signed in/ }).count(), 0);
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'These as CSV' }).click();
  const rows = (await readFile(await (await download).path(), 'utf8')).trim().split('\n');
  assert.ok(rows.length > 1 && rows.slice(1).every((row) => row.includes('security.sign_in_failed')), rows.slice(0, 3).join('\n'));
  await page.getByRole('link', { name: 'Back to your account' }).click();
  await page.getByRole('heading', { name: 'Your account' }).waitFor();
  await page.goto(home);
  await page.getByText('This month against last year').waitFor();
});

test('it fits a phone without scrolling sideways', async () => {
  await page.setViewportSize({ width: 360, height: 760 });
  await page.getByText('This month against last year').waitFor();
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(overflow <= 0, `${overflow} px too wide`);
});

test('nothing failed in the page', () => assert.deepEqual(faults, []));
