// What comes again in the demo business: found by itself, opened to its payments, and said to be none.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { look } from './look.mjs';
import { heading, open } from './person.mjs';
import { openDemo } from './program.mjs';

let demo, browser, page;
const faults = [];

before(async () => {
  ({ demo, browser, page } = await openDemo(faults));
  await open(page, 'Recurring');
  await heading(page, 'Recurring');
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

const part = (name) => page.getByRole('region', { name });
const row = (name) => page.locator('details').filter({ has: page.getByText(name, { exact: true }) });

test('the bills of two years are found, with when they come next', async () => {
  const lease = row('Fleetway Leasing');
  // It is looked for in the background.
  for (let tries = 0; tries < 60 && (await lease.count()) === 0; tries += 1) {
    await new Promise((done) => setTimeout(done, 1000));
    await page.reload();
    await heading(page, 'Recurring');
    await page.getByRole('region').or(page.getByText('Nothing comes again yet.')).first().waitFor();
  }
  assert.equal(await lease.count(), 1);
  assert.match(await lease.locator('summary').innerText(), /every month/);
  assert.match(await lease.locator('summary').innerText(), /next|expected/);
  await look(page, 'recurring');
});

test('it opens to its payments, and each to its transaction', async () => {
  const lease = row('Fleetway Leasing');
  await lease.locator('summary').click();
  const payments = lease.getByRole('list', { name: 'Payments of Fleetway Leasing' });
  await payments.waitFor();
  assert.ok((await payments.getByRole('listitem').count()) >= 12);
  await look(page, 'recurring-opened');
  await payments.getByRole('button').first().click();
  await page.getByRole('dialog').getByText('Fleetway Leasing').first().waitFor();
  await page.keyboard.press('Escape');
});

test('somebody says that it is not recurring, and takes that back', async () => {
  if (!(await row('Fleetway Leasing').getByRole('button', { name: 'Not recurring' }).isVisible())) await row('Fleetway Leasing').locator('summary').click();
  await row('Fleetway Leasing').getByRole('button', { name: 'Not recurring' }).click();
  await part('Not recurring, as you said').getByText('Fleetway Leasing', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await part('Not recurring, as you said').waitFor({ state: 'detached' });
  assert.equal(await row('Fleetway Leasing').count(), 1);
});

test('nothing failed in the page', () => assert.deepEqual(faults, []));
