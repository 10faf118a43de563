// A source is connected at its provider, its accounts are chosen, and what it brings is read and said to be complete.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { look } from './look.mjs';
import { Letters } from './mail.mjs';
import { heading, newPage, open, press, settle } from './person.mjs';
import { startBrowser, startDemo } from './program.mjs';

const ADA = { name: 'Ada Lovelace', email: 'ada@workdock.example', password: 'eleven quiet lighthouses' };
let demo, browser, ada;
const faults = [];

before(async () => {
  demo = await startDemo();
  browser = await startBrowser();
  ada = await newPage(browser, faults);
  await settle(ada, demo.base, ADA, 'Lighthouse supplies', new Letters(demo.data));
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

test('a source is connected at its provider', async () => {
  await open(ada, 'Sources');
  await heading(ada, 'Sources');
  const connect = ada.getByRole('button', { name: /^Connect .*…$/ });
  await connect.first().waitFor();
  await look(ada, 'sources-none');
  await connect.first().click();
  await look(ada, 'source-connect');
  await ada.getByRole('button', { name: /^Go on at/ }).click();
  await ada.getByText('Allow', { exact: true }).click();
  await ada.getByText('Accounts to read').waitFor();
  assert.equal(new URL(ada.url()).searchParams.has('state'), false, 'what the provider brought stays in the address');
  await look(ada, 'source-accounts');
  await press(ada, 'Read these');
});

test('its history is read, and said to be complete or not', async () => {
  const source = ada.getByRole('list', { name: 'Sources' }).getByRole('listitem').first();
  await source.getByText('up to date').waitFor({ timeout: 90_000 });
  await source.getByRole('region', { name: 'Is it complete?' }).getByText(/complete/).nth(1).waitFor();
  await source.getByRole('region', { name: 'Readings' }).getByText('done').first().waitFor();
  await look(ada, 'source-read');
  assert.notEqual(/(\d[\d,.]*) transactions/.exec(await source.innerText())[1], '0');
});

test('it is disconnected, and what it brought stays', async () => {
  await press(ada, 'Disconnect…');
  await look(ada, 'source-disconnect');
  await press(ada, 'Disconnect');
  await ada.getByText('disconnected', { exact: true }).waitFor();
});

test('nothing failed in the page', () => assert.deepEqual(faults, []));
