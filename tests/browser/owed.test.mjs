// The books tell what is owed: it comes by its due day and sums to what is said, and a payment opens to what it pays.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { look } from './look.mjs';
import { heading, open, press } from './person.mjs';
import { openDemo } from './program.mjs';

/** A year of books is read, by a debug program. */
const PATIENCE = 300_000;
const PARTS = ['Owed to us', 'Owed by us'];
let demo, browser, page, business;
const faults = [];

before(async () => {
  ({ demo, browser, page } = await openDemo(faults));
  await page.goto(`${demo.base}/new`);
  await page.getByLabel('Name').fill('Paid in a fortnight');
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

const part = (name) => page.getByRole('region', { name });

async function owed() {
  await open(page, 'Owed');
  await heading(page, 'Owed');
}

/** Amounts as they are written, in pence. */
const pence = (text) => Math.round(Number(text.replaceAll(',', '').replace('−', '-')) * 100);

/** Name, due day and open amount of each row that a part shows. */
async function shown(name) {
  const rows = await part(name).locator('summary').evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent)));
  return rows.map(([who, when, amount]) => ({ who, due: Date.parse(when.match(/^due (.+?\d{4})/)?.[1]), amount: pence(amount.replace(' GBP', '')) }));
}

/** The same on all pages. */
async function listed(name) {
  const all = [];
  for (const later = part(name).getByRole('button', { name: 'Due later' }); ; ) {
    await part(name).locator('summary').first().waitFor();
    const rows = await shown(name);
    all.push(...rows);
    if (!(await later.isVisible())) return all;
    await later.click();
    // Until the next page is there.
    while (JSON.stringify(await shown(name)) === JSON.stringify(rows)) await new Promise((done) => setTimeout(done, 100));
  }
}

test('where no books are connected, the screen says what would tell it', async () => {
  await owed();
  for (const name of PARTS) await part(name).getByText(/connect QuickBooks Online/).waitFor();
  await look(page, 'owed-none');
});

test('the books are connected and read', async () => {
  await open(page, 'Sources');
  await heading(page, 'Sources');
  await page.getByRole('button', { name: /^Connect .*QuickBooks.*…$/ }).click();
  await page.getByRole('button', { name: /^Go on at/ }).click();
  await page.getByText('Allow', { exact: true }).click();
  await page.getByText('Accounts to read').waitFor();
  await press(page, 'Read these');
  const source = page.getByRole('list', { name: 'Sources' }).getByRole('listitem').first();
  await source.getByText('up to date').waitFor({ timeout: PATIENCE });
});

test('what is owed comes by its due day, and sums to what is said', async () => {
  await owed();
  for (const name of PARTS) {
    const rows = await listed(name);
    assert.ok(rows.length > 0, `${name}: nothing`);
    assert.ok(rows.every(({ due, amount }) => due > 0 && amount > 0), JSON.stringify(rows));
    const days = rows.map(({ due }) => due);
    assert.deepEqual(days, days.toSorted((one, other) => one - other), name);
    const [, sum] = (await part(name).locator('header').innerText()).match(/([\d,.]+) GBP/);
    assert.equal(rows.reduce((all, { amount }) => all + amount, 0), pence(sum), name);
  }
  await look(page, 'owed');
});

test('a document opens to what is open of it', async () => {
  await owed();
  const first = part('Owed to us').locator('details').first();
  await first.locator('summary').click();
  await first.getByText(/ GBP of [\d,.]+ GBP is open\./).waitFor();
  await look(page, 'owed-opened');
});

test('a payment opens to the invoice that it pays', async () => {
  await owed();
  // Whoever owes now has paid before.
  const customer = await part('Owed to us').locator('summary b').first().innerText();
  const day = (back) => new Date(Date.now() - back * 86_400_000).toISOString().slice(0, 10);
  await page.goto(`${business}/transactions?period=${day(120)}..${day(3)}&q=${encodeURIComponent(customer)}`);
  await page.getByRole('row').filter({ hasText: customer }).first().click();
  const pays = page.getByRole('dialog').getByRole('list', { name: 'What it pays' });
  await pays.getByText(/^Invoice INV-\d+ of .*[\d,.]+ GBP/).waitFor();
  assert.ok((await pays.innerText()).includes(`, ${customer}: `), await pays.innerText());
  await pays.getByText(/nothing is open/).waitFor();
  await look(page, 'line-pays');
});

test('nothing failed in the page', () => assert.deepEqual(faults, []));
