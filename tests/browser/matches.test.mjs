// The same money told by two accounts: found by itself, shown with its chain, refused, and accepted again.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { look } from './look.mjs';
import { Letters } from './mail.mjs';
import { heading, importFile, newPage, open, press, settle } from './person.mjs';
import { startBrowser, startDemo } from './program.mjs';

const ADA = { name: 'Ada Lovelace', email: 'ada@workdock.example', password: 'eleven quiet lighthouses' };
const faults = [];
let demo, browser, ada, id;

before(async () => {
  demo = await startDemo();
  browser = await startBrowser();
  ada = await newPage(browser, faults);
  id = await settle(ada, demo.base, ADA, 'Lighthouse supplies', new Letters(demo.data));
  await importFile(ada);
  await ada.goto(`${demo.base}/b/${id}/imports`);
  const rows = [
    'Date,Account,Description,Amount,Currency',
    '2026-03-02,Current,Rent,-900.00,EUR',
    '2026-03-10,Current,Transfer to savings 4471120,-512.40,EUR',
    '2026-03-01,Savings,Interest,1.10,EUR',
    '2026-03-10,Savings,Transfer from current 4471120,512.40,EUR',
  ];
  await ada.getByLabel('File to import').setInputFiles({ name: 'both.csv', mimeType: 'text/csv', buffer: Buffer.from(`${rows.join('\n')}\n`) });
  await press(ada, 'Write 4 transactions');
  await ada.getByText('4 transactions written').waitFor();
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

const part = (name) => ada.getByRole('region', { name });
const match = (name) => part(name).locator('details').filter({ has: ada.getByText('Between own accounts', { exact: true }) });

async function show(name) {
  const found = match(name);
  await found.waitFor();
  if (!(await found.evaluate((details) => details.open))) await found.locator('summary').click();
  return found;
}

test('a transfer between two files is found by itself, and says why', async () => {
  await open(ada, 'Matches');
  await heading(ada, 'Matches');
  // It is looked for in the background.
  for (let tries = 0; tries < 60 && (await ada.locator('details').count()) === 0; tries += 1) {
    await new Promise((done) => setTimeout(done, 1000));
    await ada.reload();
    await heading(ada, 'Matches');
    await ada.getByText('You refused nothing.').waitFor();
  }
  const name = (await match('Counted once').count()) > 0 ? 'Counted once' : /For you to say/;
  const found = await show(name);
  const chain = found.getByRole('list', { name: 'The same money' });
  assert.equal(await chain.getByRole('listitem').count(), 2);
  await found.getByText(/What left one account reached the other\./).waitFor();
  await look(ada, 'matches');
});

test('somebody says that it is none, and that it is one', async () => {
  await press(ada, /is not the same money/);
  const refused = await show('Not the same money');
  await refused.getByRole('button', { name: 'It is the same money' }).click();
  const accepted = await show('Counted once');
  await accepted.getByText(/Accepted/).waitFor();
});

test('a leg opens to its transaction, which says that it is counted elsewhere', async () => {
  const accepted = await show('Counted once');
  await accepted.getByRole('button', { name: 'Transfer to savings 4471120' }).click();
  await ada.getByRole('dialog').getByText('Transfer to savings 4471120').first().waitFor();
});

test('nothing failed in the page', () => assert.deepEqual(faults, []));
