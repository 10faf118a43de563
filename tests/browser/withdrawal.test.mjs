// The way back: a business that is to be erased stays, because an owner says so in time.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { look } from './look.mjs';
import { Letters } from './mail.mjs';
import { confirmByCode, enrol, importFile, newPage, open, press, settle } from './person.mjs';
import { startBrowser, startDemo } from './program.mjs';

const ADA = { name: 'Ada Lovelace', email: 'ada@workdock.example', password: 'eleven quiet lighthouses' };
const SHOP = 'Lighthouse supplies';
let demo, browser, letters, ada, business;
const faults = [];

before(async () => {
  demo = await startDemo();
  browser = await startBrowser();
  ada = await newPage(browser, faults);
  letters = new Letters(demo.data);
  business = await settle(ada, demo.base, ADA, SHOP, letters);
  await importFile(ada);
  await ada.goto(`${demo.base}/account`);
  const app = await enrol(ada, ADA);
  await ada.goto(`${demo.base}/b/${business}/settings`);
  await press(ada, 'Erase this business…');
  await ada.getByLabel('Name of the business').fill(SHOP);
  await press(ada, 'Erase it in thirty days');
  await confirmByCode(ada, app, ada.getByText(`${SHOP} is to be erased. Every owner gets a letter.`));
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

test('for thirty days it is readable, takes nothing in, and says when it ends', async () => {
  await ada.getByRole('button', { name: `Keep ${SHOP}` }).waitFor();
  await look(ada, 'erasure-underway');
  const ends = await ada.getByText(/^It is erased on/).locator('strong').innerText();
  const days = (new Date(`${ends} UTC`) - Date.now()) / 86_400_000;
  assert.ok(days > 28.9 && days < 30.1, `${ends}: in ${days} days`);
  const status = await ada.evaluate(async (path) => (await fetch(path)).status, `/api/v1/businesses/${business}/transactions`);
  assert.equal(status, 200);
});

test('the letter that tells it leads to where it is taken back', async () => {
  const link = await letters.next(ADA.email, /https?:\/\/\S+#erasure/);
  assert.equal(link, `${demo.base}/b/${business}/settings#erasure`);
  await ada.goto(demo.base);
  await ada.goto(link);
  await ada.getByRole('button', { name: `Keep ${SHOP}` }).waitFor();
  await ada.waitForFunction(() => {
    const { top, bottom } = document.getElementById('erasure').getBoundingClientRect();
    return top >= 0 && bottom <= window.innerHeight;
  });
});

test('an owner takes it back by one press, and it takes in again', async () => {
  await press(ada, `Keep ${SHOP}`);
  await ada.getByText(`${SHOP} stays.`).waitFor();
  await ada.getByRole('button', { name: 'Erase this business…' }).waitFor();
  await open(ada, 'Imports');
  await importFile(ada, ' again');
  await open(ada, 'Audit history');
  await ada.getByText('Business erasure withdrawn').first().waitFor();
  assert.deepEqual(faults, []);
});
