// A month is closed with its figures, its report is checked by a stranger who holds it, and it is opened again for a reason.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { look } from './look.mjs';
import { Letters } from './mail.mjs';
import { heading, importFile, newPage, open, press, settle } from './person.mjs';
import { startBrowser, startDemo } from './program.mjs';

const ADA = { name: 'Ada Lovelace', email: 'ada@workdock.example', password: 'eleven quiet lighthouses' };
let demo, browser, ada, month, code;
const faults = [];

before(async () => {
  demo = await startDemo();
  browser = await startBrowser();
  ada = await newPage(browser, faults);
  await settle(ada, demo.base, ADA, 'Lighthouse supplies', new Letters(demo.data));
  await importFile(ada);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** 2026-10 of "October 2026". */
const monthOf = (name) => new Date(`${name} 2 UTC`).toISOString().slice(0, 7);

const row = () => ada.getByRole('list', { name: 'Months, newest first' }).getByRole('listitem').filter({ hasText: month });

test('a month that is over is closed with the figures that are on screen', async () => {
  await open(ada, 'Reports');
  await heading(ada, 'Reports');
  const last = ada.getByRole('button', { name: /\d{4} open/ }).first();
  month = /\S+ \d{4}/.exec(await last.innerText())[0];
  await last.click();
  await row().getByRole('row', { name: /^All/ }).getByText('1,734.75').waitFor();
  await look(ada, 'months');
  await press(ada, `Close ${month}…`);
  await look(ada, 'months-close');
  await press(ada, `Close ${month}`);
  await ada.getByText(`${month} is closed.`).waitFor();
  await ada.getByRole('button', { name: new RegExp(`^${month} closed`) }).waitFor();
  code = await row().locator('code').innerText();
  await look(ada, 'months-closed');
});

test('its report is a page and a PDF', async () => {
  const page = ada.context().waitForEvent('page');
  await row().getByRole('link', { name: /^Report of .* in a new tab/ }).click();
  const report = await page;
  await report.getByText(code).first().waitFor();
  await report.close();
  const coming = ada.waitForEvent('download');
  await row().getByRole('link', { name: /as PDF$/ }).click();
  const pdf = await readFile(await (await coming).path());
  assert.equal(pdf.subarray(0, 5).toString('latin1'), '%PDF-');
});

test('a stranger who holds it checks it by its code, and finds no other', async () => {
  const stranger = await newPage(browser, faults);
  await stranger.goto(`${demo.base}/report?code=${code}`);
  await stranger.getByText('was sealed with this code').waitFor();
  await look(stranger, 'report-check');
  await stranger.getByLabel('Code of the report').fill(`${code.slice(0, -1)}${code.endsWith('0') ? '1' : '0'}`);
  await press(stranger, 'Check it');
  await stranger.getByRole('alert').waitFor();
  await stranger.context().close();
});

test('what comes for it later is said on the first screen, and leads to it', async () => {
  await open(ada, 'Imports');
  const rows = ['Date,Description,Amount,Currency', `${monthOf(month)}-27,Wicks sold,40.00,EUR`];
  await ada.getByLabel('File to import').setInputFiles({ name: 'late.csv', mimeType: 'text/csv', buffer: Buffer.from(`${rows.join('\n')}\n`) });
  await press(ada, 'Write 1 transaction');
  await ada.getByText('1 transaction written').waitFor();
  await open(ada, 'Home');
  await ada.getByText(`${month} is otherwise since it was closed.`).waitFor();
  await look(ada, 'home-closed-month');
  await ada.getByRole('note', { name: 'Closed months' }).getByRole('link', { name: month }).click();
  await heading(ada, 'Reports');
  await row().getByText('40.00').first().waitFor();
});

test('it is opened again for a reason, which the audit history keeps', async () => {
  await press(ada, 'Open it again…');
  await ada.getByLabel(/^Why is/).fill('Invoice 88121 was missing');
  await press(ada, `Open ${month} again`);
  await ada.getByRole('button', { name: new RegExp(`^${month} open`) }).waitFor();
  await open(ada, 'Audit history');
  await ada.getByRole('row').filter({ hasText: 'opened again' }).first().waitFor();
});

test('nothing failed in the page', () => assert.deepEqual(faults, []));
