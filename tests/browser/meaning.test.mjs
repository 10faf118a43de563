// What transactions mean: put under another category together, taken back, and said once and for all by a rule.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { look } from './look.mjs';
import { Letters } from './mail.mjs';
import { importFile, newPage, press, settle } from './person.mjs';
import { startBrowser, startDemo } from './program.mjs';

const ADA = { name: 'Ada Lovelace', email: 'ada@workdock.example', password: 'eleven quiet lighthouses' };
let demo, browser, ada, business;
const faults = [];

before(async () => {
  demo = await startDemo();
  browser = await startBrowser();
  ada = await newPage(browser, faults);
  business = await settle(ada, demo.base, ADA, 'Lighthouse supplies', new Letters(demo.data));
  await importFile(ada);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

const category = (name) => ada.getByRole('row').filter({ hasText: name }).first().getByRole('cell').nth(3);

test('transactions are put under another category together, with a note, and taken back', async () => {
  await ada.goto(`${demo.base}/b/${business}/transactions?period=all`);
  await ada.getByLabel('Choose Lamp oil sold').check();
  await ada.getByLabel('Choose Lenses sold').check();
  await look(ada, 'transactions-chosen');
  const bar = ada.getByRole('form', { name: 'With the chosen transactions' });
  const was = await category('Lenses sold').innerText();
  await bar.getByLabel('Category', { exact: true }).selectOption({ label: 'One of your own…' });
  await bar.getByLabel('Category, in your words').fill('Optics');
  assert.equal(await bar.getByLabel('Counted as').inputValue(), 'REVENUE');
  await bar.getByLabel('Note').fill('As agreed');
  await bar.getByRole('button', { name: 'Change' }).click();
  await ada.getByText('2 transactions under Optics now.').waitFor();
  await ada.waitForFunction(() => [...document.querySelectorAll('[role=row]')].filter((row) => row.innerText.includes('Optics')).length === 2);
  await ada.getByText('Lenses sold').first().click();
  const panel = ada.getByRole('dialog');
  await panel.getByText('As agreed').waitFor();
  await look(ada, 'transaction-chosen-panel');
  await ada.keyboard.press('Escape');
  await press(ada, 'Undo');
  await ada.waitForFunction(() => ![...document.querySelectorAll('[role=row]')].some((row) => row.innerText.includes('Optics')));
  assert.equal(await category('Lenses sold').innerText(), was);
});

test('a rule shows what it would change, and then changes it', async () => {
  await ada.getByLabel('Choose Glass bought').check();
  await ada.getByRole('link', { name: 'Make a rule of it' }).click();
  assert.equal(await ada.getByLabel('Contains').inputValue(), 'Glass bought');
  await ada.getByLabel('Category', { exact: true }).selectOption({ label: 'One of your own…' });
  await ada.getByLabel('Category, in your words').fill('Glass');
  await ada.getByText('One transaction would change').waitFor();
  await look(ada, 'rule-editor');
  await press(ada, 'Save: Glass');
  await ada.getByText('The rule is kept').waitFor();
  await look(ada, 'rules');
  // It is applied in the background.
  await ada.goto(`${demo.base}/b/${business}/transactions?period=all`);
  const glass = category('Glass bought').getByText('Glass', { exact: true });
  for (let tries = 0; tries < 20 && (await glass.count()) === 0; tries += 1) {
    await new Promise((done) => setTimeout(done, 500));
    await ada.reload();
    await category('Glass bought').waitFor();
  }
  assert.equal(await glass.count(), 1);
});

test('nothing failed in the page', () => assert.deepEqual(faults, []));
