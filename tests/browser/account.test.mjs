// One's own account: the ways in when something is lost, another address, all of it as an archive, and the way out with its way back.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { look } from './look.mjs';
import { Letters } from './mail.mjs';
import { confirmByCode, enrol, heading, newPage, press, register, settle, signIn, verify } from './person.mjs';
import { startBrowser, startDemo, verified } from './program.mjs';

const ADA = { name: 'Ada Lovelace', email: 'ada@workdock.example', password: 'eleven quiet lighthouses' };
const PAT = { name: 'Pat Quist', email: 'pat@workdock.example', password: 'nine lamps by the river' };
/** Countries of addresses, as an operator gives them to the program. */
const PLACES = fileURLToPath(import.meta.resolve('@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb'));
let demo, browser, letters, ada, app, codes;
const faults = [];

before(async () => {
  demo = await startDemo({ WORKDOCK_IDENTITY__PLACES: PLACES, WORKDOCK_HTTP__TRUSTED_PROXIES: '["127.0.0.0/8"]' });
  letters = new Letters(demo.data);
  browser = await startBrowser();
  ada = await newPage(browser, faults);
  await settle(ada, demo.base, ADA, 'Lighthouse supplies', letters);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

test('a recovery code signs in when the phone is gone, once, and a letter tells it', async () => {
  await ada.goto(`${demo.base}/account`);
  app = await enrol(ada, ADA, (found) => (codes = found));
  assert.equal(codes.length, 10);
  const page = await newPage(browser, faults);
  const enterBy = async (code) => {
    await page.goto(`${demo.base}/sign-in`);
    await signIn(page, ADA);
    await heading(page, 'Your second factor');
    await press(page, 'The phone is gone: use a recovery code');
    await page.getByLabel('Recovery code').fill(code);
  };
  await enterBy(codes[0]);
  await look(page, 'recovery-code');
  await press(page, 'Go on');
  await page.waitForURL('**/b/**');
  await letters.next(ADA.email, /with a recovery code; 9 are left/);
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await heading(page, 'Sign in');
  await enterBy(codes[0]);
  await press(page, 'Go on');
  await page.getByRole('alert').waitFor();
  await look(page, 'recovery-code-used');
  await page.context().close();
});

test('another address counts once it is confirmed, and both are told', async () => {
  const next = 'ada@harbour.example';
  await ada.goto(`${demo.base}/account`);
  await press(ada, 'Change the address…');
  await ada.getByLabel('New e-mail').fill(next);
  await ada.getByLabel('Your password', { exact: true }).fill(ADA.password);
  await look(ada, 'change-email');
  await press(ada, 'Send the link');
  await ada.getByText(`A link went to ${next}.`, { exact: false }).waitFor();
  await letters.next(ADA.email, /asked to change the address of your account/);
  const link = await letters.link(next, 'confirm-email');
  await ada.goto(link);
  await heading(ada, 'Your address is changed');
  assert.equal(new URL(ada.url()).search, '', 'the link stays in the address');
  await look(ada, 'confirm-email');
  await letters.next(ADA.email, /this one signs in no longer/);
  await ada.goto(link);
  await heading(ada, 'This link does not work any more');
  await look(ada, 'confirm-email-used');
  const page = await newPage(browser, faults);
  await page.goto(`${demo.base}/sign-in`);
  await signIn(page, ADA);
  await page.getByRole('alert').getByText(/not right/).waitFor();
  ADA.email = next;
  await signIn(page, ADA);
  await heading(page, 'Your second factor');
  await page.context().close();
});

/** Ada signs in once more, with her second factor, in a browser of its own. */
async function adaElsewhere(from) {
  const page = await newPage(browser, faults, from);
  await page.goto(`${demo.base}/sign-in`);
  await signIn(page, ADA);
  await heading(page, 'Your second factor');
  await page.getByLabel('Code from the app').fill(await app.code());
  await press(page, 'Go on');
  await page.waitForURL('**/b/**');
  return page;
}

test('sessions and sign-ins tell where they are from', async () => {
  const page = await adaElsewhere('193.0.6.139');
  await page.goto(`${demo.base}/account`);
  const sessions = page.getByRole('list', { name: 'Sessions' });
  await sessions.getByText('from 193.0.6.139 (Netherlands)').waitFor();
  await sessions.getByText('from 127.0.0.1 (this machine)').first().waitFor();
  await page.getByRole('list', { name: 'Recent sign-ins' }).getByText('from 193.0.6.139 (Netherlands)').first().waitFor();
  await look(page, 'places');
  await page.context().close();
});

test('all other sessions are ended at once, and each of them is at the sign-in within seconds', async () => {
  const others = [];
  for (let at = 0; at < 2; at += 1) others.push(await adaElsewhere());
  await ada.goto(`${demo.base}/account`);
  await signInAgain();
  await press(ada, 'End all others');
  await ada.getByText(/^\d+ other sessions have ended\.$/).waitFor();
  for (const page of others) {
    await page.waitForURL('**/sign-in**');
    await heading(page, 'Your session has ended');
    await page.context().close();
  }
  await ada.reload();
  await ada.getByText('this one', { exact: true }).waitFor();
  assert.equal(await ada.getByRole('button', { name: 'End all others' }).count(), 0);
});

/** A change of address may have ended this session, too. */
async function signInAgain() {
  const here = ada.getByText('this one', { exact: true });
  await here.or(ada.getByLabel('E-mail')).first().waitFor();
  if (await here.isVisible()) return;
  await signIn(ada, ADA);
  await heading(ada, 'Your second factor');
  await ada.getByLabel('Code from the app').fill(await app.code());
  await press(ada, 'Go on');
  await here.waitFor();
}

test('whoever fails too often waits, and the link of the letter ends the wait', async () => {
  const page = await newPage(browser, faults);
  await page.goto(`${demo.base}/sign-in`);
  for (let failure = 0; failure < 5; failure += 1) {
    await signIn(page, { ...ADA, password: `not this one ${failure}` });
    await page.getByRole('alert').waitFor();
    await page.reload();
  }
  await signIn(page, ADA);
  await page.getByRole('alert').getByText(/wait|later|minute|second/i).waitFor();
  await look(page, 'locked');
  await page.goto(await letters.link(ADA.email, 'unlock'));
  await heading(page, 'You can sign in again');
  await look(page, 'unlock');
  await page.getByRole('link', { name: 'Sign in' }).click();
  await signIn(page, ADA);
  await heading(page, 'Your second factor');
  await page.context().close();
});

test('all that is kept about a person is saved as one archive', async () => {
  await ada.goto(`${demo.base}/account`);
  const coming = ada.waitForEvent('download');
  await press(ada, 'Export all about you');
  await confirmByCode(ada, app, ada.getByText('The archive is saved.'));
  const path = await (await coming).path();
  const archive = await readFile(path);
  assert.ok(archive.includes(ADA.email), 'the archive is of somebody else');
  assert.ok(!archive.includes(ADA.password));
  const { unaltered, manifest } = await verified(path);
  assert.ok(unaltered && manifest.files.some((part) => part.path === 'sessions.csv' && part.rows > 0), JSON.stringify(manifest));
});

test('the only owner of a business is not let go without it', async () => {
  await ada.getByText(/You are the only owner of a business/).waitFor();
  await look(ada, 'leaving-alone');
});

test('somebody leaves for good by typing their address, and the letter leads to where it is taken back', async () => {
  const page = await newPage(browser, faults);
  await page.goto(`${demo.base}/register`);
  await register(page, PAT);
  await verify(page, PAT, letters);
  await page.goto(`${demo.base}/account`);
  await signIn(page, PAT);
  await heading(page, 'Your account');
  const device = await enrol(page, PAT);
  await press(page, 'Erase your account…');
  await page.getByLabel('Your address').fill('pat@elsewhere.example');
  assert.ok(await page.getByRole('button', { name: 'Erase it in thirty days' }).isDisabled());
  await page.getByLabel('Your address').fill(PAT.email);
  await look(page, 'leaving');
  await press(page, 'Erase it in thirty days');
  await confirmByCode(page, device, page.getByRole('button', { name: 'Keep your account' }));
  await look(page, 'leaving-underway');
  const link = await letters.next(PAT.email, /https?:\/\/\S+#leaving/);
  assert.equal(link, `${demo.base}/account#leaving`);
  await page.context().close();

  // The letter is read elsewhere, where nobody is signed in.
  const elsewhere = await newPage(browser, faults);
  await elsewhere.goto(link);
  await signIn(elsewhere, PAT);
  await heading(elsewhere, 'Your second factor');
  await elsewhere.getByLabel('Code from the app').fill(await device.code());
  await press(elsewhere, 'Go on');
  await elsewhere.getByRole('button', { name: 'Keep your account' }).waitFor();
  await press(elsewhere, 'Keep your account');
  await elsewhere.getByText('Your account stays.').waitFor();
  await elsewhere.getByRole('button', { name: 'Erase your account…' }).waitFor();
  await elsewhere.context().close();
});

test('nothing failed in the page', () => assert.deepEqual(faults, []));
