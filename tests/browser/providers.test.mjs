// All four providers of one company are connected through the wizard; what the page then says of its months is what
// really happened, each penny once, though the bank, the processor, the books and the shop all tell of it.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { look } from './look.mjs';
import { heading, open, press } from './person.mjs';
import { openDemo } from './program.mjs';

/** A year of each is read, by a debug program. */
const PATIENCE = 600_000;
/** Where a shop is asked for, its address. */
const PROVIDERS = [{ title: /Plaid/ }, { title: /Stripe/ }, { title: /QuickBooks/ }, { title: /Shopify/, address: 'harbour-coffee.myshopify.com' }];
let demo, browser, page, business;
const faults = [];

before(async () => {
  ({ demo, browser, page } = await openDemo(faults));
  await page.goto(`${demo.base}/new`);
  await page.getByLabel('Name').fill('Four tellers of one story');
  await page.getByLabel('Base currency').selectOption('GBP');
  await page.getByLabel('Time zone').fill('Europe/London');
  await press(page, 'Register, then import a file');
  await page.waitForURL('**/imports');
  business = page.url().replace('/imports', '');
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

const sources = () => page.getByRole('list', { name: 'Sources' }).getByRole('listitem').filter({ has: page.locator('button[aria-expanded]') });

for (const { title, address } of PROVIDERS) {
  test(`${title.source} is connected through the wizard`, async () => {
    await open(page, 'Sources');
    await heading(page, 'Sources');
    await page.getByRole('button', { name: new RegExp(`^Connect .*${title.source}.*…$`) }).click();
    if (address) await page.getByLabel(/^Your address at/).fill(address);
    await page.getByRole('button', { name: /^Go on at/ }).click();
    await page.getByText('Allow', { exact: true }).click();
    await page.getByText('Accounts to read').waitFor();
    await press(page, 'Read these');
    await page.getByText('Accounts to read').waitFor({ state: 'hidden' });
  });
}

test('their histories are read to the end, side by side', async () => {
  await open(page, 'Sources');
  await page.waitForFunction(
    (wanted) => {
      const heads = [...document.querySelectorAll('button[aria-controls^="source-"]')].map((one) => one.textContent);
      return heads.length === wanted && heads.every((text) => text.includes('up to date') && !text.includes('reading now') && !/\D0 transactions/.test(text));
    },
    PROVIDERS.length,
    { timeout: PATIENCE, polling: 500 },
  );
  await look(page, 'sources-four');
});

/** The sums of the simulated company's days, in pence by kind: revenue less refunds, and what was spent. */
async function truth(from, to) {
  const answer = await fetch(`${demo.simulator}/control/truth?from=${from}&to=${to}`);
  const sums = { REVENUE: 0, EXPENSES: 0 };
  for (const { by_kind: kinds } of Object.values((await answer.json()).days)) {
    sums.REVENUE += (kinds.revenue ?? 0) + (kinds.refund ?? 0);
    sums.EXPENSES -= (kinds.expense ?? 0) + (kinds.tax ?? 0);
  }
  return sums;
}

const day = (back) => new Date(Date.now() - back * 86_400_000).toISOString().slice(0, 10);

/** What the panel of a figure says, in pence, once it says that; matches go on while the page is looked at. */
async function says(metric, period, wanted) {
  await page.goto(`${business}?period=${period}&open=${metric}`);
  const value = page.getByRole('dialog', { name: 'What it is made of' }).locator('h2 + p span');
  let read;
  for (const end = Date.now() + PATIENCE / 4; read !== wanted && Date.now() < end; await new Promise((done) => setTimeout(done, 250))) {
    read = Math.round(Number((await value.first().innerText()).replaceAll(',', '').replace('−', '-')) * 100);
  }
  assert.equal(read, wanted, `${metric} of ${period}`);
}

test('the figures are what really happened, and what was told twice counts once', async () => {
  // Within what each was asked for, and what all of them have entered by now.
  const [from, to] = [day(120), day(3)];
  const { REVENUE, EXPENSES } = await truth(from, to);
  assert.ok(REVENUE > 1_000_000 && EXPENSES > 1_000_000, `${REVENUE}, ${EXPENSES}`);
  await says('REVENUE', `${from}..${to}`, REVENUE);
  await says('EXPENSES', `${from}..${to}`, EXPENSES);
  if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/four-providers.png` });
});

test('a line opens to what its provider really said, byte by byte', async () => {
  await page.goto(`${business}/transactions?period=${day(120)}..${day(3)}`);
  await page.getByRole('row').filter({ hasText: /\d/ }).nth(1).click();
  const link = page.getByRole('dialog').getByRole('link', { name: /^as .* told it$/ }).first();
  const sum = (await link.getAttribute('data-tip')).replace('SHA-256 ', '');
  await look(page, 'line-as-told');
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  assert.match(download.suggestedFilename(), /^payload-[0-9a-f]{12}\.(json|txt)$/);
  const body = await readFile(await download.path());
  assert.equal(createHash('sha256').update(body).digest('hex'), sum);
});

test('a payout opens to exactly what is in it', async () => {
  await open(page, 'Matches');
  const standing = page.getByRole('region', { name: 'Counted once' });
  const payout = standing.locator('details').filter({ has: page.getByText('Payout of the processor', { exact: true }) }).first();
  await payout.locator('summary').click();
  await payout.getByText(/The provider says which \d+ transactions are in it\. The amount is the sum of/).waitFor();
  const sum = payout.getByRole('link', { name: /^\d+ transactions? of / });
  const [, count] = (await sum.innerText()).match(/^(\d+)/);
  await look(page, 'payout-match');
  await sum.click();
  await heading(page, 'Transactions');
  await page.getByRole('button', { name: /Only what is in one payout/ }).waitFor();
  // Each sale has its fee beside it; of a long list the first page is there.
  const [, listed, more] = (await page.getByText(/· \d+( and more)?$/).first().innerText()).match(/· (\d+)( and more)?/);
  assert.ok(more || Number(listed) > Number(count), `${listed} of ${count} and their fees`);
  await look(page, 'payout-contents');
});

test('nothing failed in the page', () => assert.deepEqual(faults, []));
