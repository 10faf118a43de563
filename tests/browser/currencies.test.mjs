// Two currencies: what lacks a rate is said, a file of rates is brought, and a figure opens to the rates that it was told at.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { look } from './look.mjs';
import { Letters } from './mail.mjs';
import { heading, importFile, newPage, press, settle } from './person.mjs';
import { startBrowser, startDemo } from './program.mjs';

const ADA = { name: 'Ada Lovelace', email: 'ada@workdock.example', password: 'eleven quiet lighthouses' };
const faults = [];
let demo, browser, ada, id;

const month = new Date();
month.setUTCDate(1);
month.setUTCMonth(month.getUTCMonth() - 1);
const token = month.toISOString().slice(0, 7);
const day = (number) => `${token}-${String(number).padStart(2, '0')}`;
const csv = (name, rows) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(`${rows.join('\n')}\n`) });
const visit = (rest) => ada.goto(`${demo.base}/b/${id}${rest}`);

before(async () => {
  demo = await startDemo();
  browser = await startBrowser();
  ada = await newPage(browser, faults);
  id = await settle(ada, demo.base, ADA, 'Lighthouse supplies', new Letters(demo.data));
  await importFile(ada);
  await visit('/imports');
  const rows = ['Date,Description,Amount,Currency', `${day(10)},Lamps exported,100.00,USD`, `${day(11)},Lenses exported,50.00,USD`];
  await ada.getByLabel('File to import').setInputFiles(csv('dollars.csv', rows));
  await press(ada, 'Write 2 transactions');
  await ada.getByText('2 transactions written').waitFor();
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

test('what lacks a rate is said beside the figures, which are not smaller for it', async () => {
  await visit(`?period=${token}`);
  await ada.getByText('All money told in EUR').waitFor();
  await ada.getByText(/No exchange rate for USD on/).first().waitFor();
  await look(ada, 'currencies-lacking');
  await ada.getByRole('link', { name: 'Add rates' }).first().click();
  await heading(ada, 'Exchange rates');
  await ada.getByRole('list', { name: 'Days without a rate' }).getByText(/^USD: /).waitFor();
});

test('a file of the European Central Bank brings them, and again nothing', async () => {
  const file = csv('eurofxref-hist.csv', ['Date,USD,JPY,', `${day(11)},1.6,N/A,`, `${day(10)},1.25,170.1,`]);
  await ada.getByLabel('File of exchange rates').setInputFiles(file);
  await ada.getByText('3 rates read: 3 added, 0 corrected, 0 known').waitFor();
  await ada.getByText('None: every amount has its rate.').waitFor();
  await ada.getByLabel('File of exchange rates').setInputFiles(file);
  await ada.getByText('3 rates read: 0 added, 0 corrected, 3 known').waitFor();
  await look(ada, 'rates');
});

test('a figure opens to what its money was and the rates that it was told at', async () => {
  await visit(`?period=${token}&open=REVENUE`);
  const originals = ada.getByRole('region', { name: 'By original currency' });
  await originals.getByRole('row', { name: /USD/ }).getByText('111.25').waitFor();
  await ada.getByText('2,156.50').first().waitFor();
  await originals.getByRole('button', { name: 'USD' }).click();
  await ada.getByRole('table', { name: 'USD by day' }).getByText(/1 EUR = 1.25 USD, European Central Bank/).waitFor();
  await look(ada, 'currencies-explained');
});

test('a rate entered by hand stands over it', async () => {
  await visit('/rates');
  await ada.getByLabel('Day', { exact: true }).fill(day(10));
  await ada.getByLabel('One USD in EUR').fill('0.9');
  await ada.getByLabel('Why').fill('The bank paid this');
  await press(ada, 'Record');
  await ada.getByRole('row', { name: /1 USD = 0.9 EUR/ }).getByText('The bank paid this').waitFor();
  await visit(`?period=${token}&open=REVENUE`);
  await ada.getByText('2,166.50').first().waitFor();
});

test('each currency can still be seen alone', async () => {
  await visit(`?period=${token}&currency=USD&open=REVENUE`);
  await ada.getByText('These figures are of money in USD alone.').waitFor();
  await ada.getByText('150.00').first().waitFor();
});

test('nothing failed in the page', () => assert.deepEqual(faults, []));
