// An officer ends a business: asked for by its name and a second factor, taken back while there is time, held off by a legal
// hold, and, in an installation that waits no days, gone with a certificate. Beside it, how long its history is kept.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { look } from './look.mjs';
import { Letters } from './mail.mjs';
import { confirmByCode, enrol, heading, importFile, newPage, press, settle } from './person.mjs';
import { startBrowser, startDemo } from './program.mjs';

const ADA = { name: 'Ada Lovelace', email: 'ada@workdock.example', password: 'eleven quiet lighthouses' };
const SHOP = 'Lighthouse supplies';
let demo, browser, ada, app, business;
const faults = [];

before(async () => {
  // As docs/erasure.md says for trying it out: nothing waits for thirty days here.
  demo = await startDemo({ WORKDOCK_ERASURE__GRACE_DAYS: '0' });
  browser = await startBrowser();
  ada = await newPage(browser, faults);
  business = await settle(ada, demo.base, ADA, SHOP, new Letters(demo.data));
  await importFile(ada);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

const workdock = (...given) => promisify(execFile)(process.env.WORKDOCK, ['--data', demo.data, ...given], { env: demo.env });

const stepUp = (next) => confirmByCode(ada, app, next);

test('a second factor is set up: without one nothing is erased', async () => {
  await ada.goto(`${demo.base}/account`);
  app = await enrol(ada, ADA);
});

test('the history is kept for as long as an owner says', async () => {
  await ada.goto(`${demo.base}/b/${business}/settings`);
  const history = ada.locator('section').filter({ has: ada.getByRole('heading', { name: 'Audit history' }) });
  await history.getByText('24 months are kept; longer while a legal hold stands.').waitFor();
  await history.getByText('Nothing is archived yet.').waitFor();
  await history.getByRole('button', { name: 'Change it…' }).click();
  await ada.getByLabel('Months to keep').fill('2');
  assert.ok(await ada.getByRole('button', { name: 'Keep so many' }).isDisabled());
  await ada.getByLabel('Months to keep').fill('84');
  await look(ada, 'settings-history');
  await press(ada, 'Keep so many');
  await stepUp(history.getByText('84 months are kept; longer while a legal hold stands.'));
});

test('under a legal hold an erasure is refused in words', async () => {
  await press(ada, 'Set one…');
  await ada.getByLabel('What is it for?').fill('Case 12/26');
  await press(ada, 'Set the hold');
  await stepUp(ada.getByText(/“Case 12\/26”/));
  await press(ada, 'Erase this business…');
  await ada.getByLabel('Name of the business').fill(SHOP);
  await look(ada, 'erasure-asked');
  await press(ada, 'Erase it in thirty days');
  await ada.getByRole('alert').getByText(/legal hold/).waitFor();
  await look(ada, 'erasure-held');
});

test('it is asked for by its name, and gone within a minute, with a letter and a certificate', async () => {
  await ada.reload();
  await press(ada, 'Lift it…');
  await ada.getByLabel('Why is the hold lifted?').fill('Settled');
  await press(ada, 'Lift the hold');
  await stepUp(ada.getByText('None stands.'));
  await press(ada, 'Erase this business…');
  await ada.getByLabel('Name of the business').fill(SHOP.toLowerCase());
  assert.ok(await ada.getByRole('button', { name: 'Erase it in thirty days' }).isDisabled());
  await ada.getByLabel('Name of the business').fill(SHOP);
  await press(ada, 'Erase it in thirty days');
  await stepUp(ada.getByText(`${SHOP} is to be erased. Every owner gets a letter.`));
  let step;
  for (let look = 0; look < 60 && step !== 'certified'; look += 1) {
    await workdock('erase', 'run');
    const { stdout } = await workdock('erase', 'list', '--json');
    step = JSON.parse(stdout).find((one) => one.business === business)?.step;
  }
  assert.equal(step, 'certified');
  await ada.goto(`${demo.base}/account`);
  await heading(ada, 'Erased businesses');
  await press(ada, 'Show the certificate');
  await ada.getByText(`Business ${business}`, { exact: false }).waitFor();
  await look(ada, 'erasure-certificate');
  await press(ada, 'Close');
  const coming = ada.waitForEvent('download');
  await ada.getByRole('link', { name: 'Save it' }).click();
  const file = await (await coming).path();
  const { stdout: key } = await workdock('audit', 'key');
  await workdock('audit', 'verify', file, '--key', key.trim());
  const changed = join(demo.data, 'changed.json');
  await writeFile(changed, (await readFile(file, 'utf8')).replace('"messages": ', '"messages": 1'));
  await assert.rejects(workdock('audit', 'verify', changed, '--key', key.trim()), /ALTERED|Command failed/);
});

test('nothing of it is shown any more', async () => {
  await ada.goto(`${demo.base}/b/${business}`);
  await ada.waitForLoadState('networkidle');
  assert.equal(await ada.getByText(SHOP).count(), 0);
  assert.deepEqual(faults, []);
});
