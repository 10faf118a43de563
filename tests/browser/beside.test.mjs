// A receipt and a memo beside a transaction: dropped on it, loaded as it was, and gone when it is deleted.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { look } from './look.mjs';
import { Letters } from './mail.mjs';
import { importFile, newPage, settle } from './person.mjs';
import { startBrowser, startDemo } from './program.mjs';

const ADA = { name: 'Ada Lovelace', email: 'ada@workdock.example', password: 'eleven quiet lighthouses' };
const PDF = `%PDF-1.7\n${'A receipt for glass. '.repeat(30_000)}`;
let demo, browser, ada, business, panel;
const faults = [];

before(async () => {
  demo = await startDemo();
  browser = await startBrowser();
  ada = await newPage(browser, faults);
  business = await settle(ada, demo.base, ADA, 'Lighthouse supplies', new Letters(demo.data));
  await importFile(ada);
  await ada.goto(`${demo.base}/b/${business}/transactions?period=all`);
  await ada.getByText('Glass bought').first().click();
  panel = ada.getByRole('dialog');
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

const drop = (name, type, text) =>
  panel.getByRole('region', { name: 'Memo and files' }).locator('input[type=file]').evaluate((input, [name, type, text]) => {
    const data = new DataTransfer();
    data.items.add(new File([text], name, { type }));
    input.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  }, [name, type, text]);

test('a memo is written and taken back', async () => {
  await panel.getByRole('button', { name: 'Write a memo' }).click();
  await panel.getByRole('textbox', { name: 'Memo' }).fill('For the lamp of the north tower');
  await panel.getByRole('button', { name: 'Save the memo' }).click();
  await panel.getByText('For the lamp of the north tower').waitFor();
  await ada.getByRole('button', { name: 'Undo' }).click();
  await panel.getByRole('button', { name: 'Write a memo' }).waitFor();
});

test('a receipt is dropped on a transaction and loaded as it was', async () => {
  await drop('Glass März.pdf', 'application/pdf', PDF);
  await ada.getByText('Glass März.pdf is kept beside this transaction.').waitFor();
  await ada.reload();
  const link = panel.getByRole('link', { name: 'Glass März.pdf' });
  await link.waitFor();
  await look(ada, 'transaction-with-receipt');
  const [download] = await Promise.all([ada.waitForEvent('download'), link.click()]);
  assert.equal(download.suggestedFilename(), 'Glass März.pdf');
  assert.equal(await readFile(await download.path(), 'utf8'), PDF);
  const headers = await ada.evaluate(async (address) => Object.fromEntries((await fetch(address)).headers), await link.getAttribute('href'));
  assert.match(headers['content-disposition'], /^attachment; /);
  assert.match(headers['content-security-policy'], /^sandbox; /);
  assert.equal(headers['x-content-type-options'], 'nosniff');
});

test('what is not what it says is refused', async () => {
  await drop('receipt.png', 'image/png', PDF);
  await panel.getByText('This file is application/pdf, not image/png.').waitFor();
});

test('somebody else finds nothing at its address', async () => {
  const address = await panel.getByRole('link', { name: 'Glass März.pdf' }).getAttribute('href');
  const eve = await newPage(browser, faults);
  const other = await settle(eve, demo.base, { ...ADA, name: 'Eve', email: 'eve@workdock.example' }, 'Harbour', new Letters(demo.data));
  const ask = (path) => eve.evaluate(async (path) => (await fetch(path)).status, path);
  assert.equal(await ask(address), 404);
  assert.equal(await ask(address.replace(business, other)), 404);
  await eve.context().close();
});

test('it is deleted for good, after a question', async () => {
  const address = await panel.getByRole('link', { name: 'Glass März.pdf' }).getAttribute('href');
  await panel.getByRole('button', { name: 'Delete Glass März.pdf' }).click();
  await panel.getByRole('button', { name: 'Delete', exact: true }).click();
  await ada.getByText('Glass März.pdf is deleted.').waitFor();
  await panel.getByRole('link', { name: 'Glass März.pdf' }).waitFor({ state: 'detached' });
  assert.equal(await ada.evaluate(async (path) => (await fetch(path)).status, address), 404);
});

test('nothing failed in the page', () => assert.deepEqual(faults, []));
