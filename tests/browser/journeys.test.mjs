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
  if (process.env.SCREENSHOTS) await page.screenshot({ path: join(process.env.SCREENSHOTS, 'home.png') });
});

test('a figure opens down to its event, and Back closes it again', async () => {
  const closed = page.url();
  await page.getByRole('row', { name: /^Revenue/ }).getByRole('button').or(page.getByRole('row', { name: /^Revenue/ }).getByRole('link')).first().click();
  await page.waitForURL((url) => url.href !== closed);
  await page.getByText('Parts', { exact: true }).first().waitFor();
  if (process.env.SCREENSHOTS) await page.screenshot({ path: join(process.env.SCREENSHOTS, 'explain.png') });
  await page.goBack();
  await page.getByText('Parts', { exact: true }).first().waitFor({ state: 'hidden' });
});

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

test('it fits a phone without scrolling sideways', async () => {
  await page.setViewportSize({ width: 360, height: 760 });
  await page.getByText('This month against last year').waitFor();
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(overflow <= 0, `${overflow} px too wide`);
});

test('nothing failed in the page', () => assert.deepEqual(faults, []));
