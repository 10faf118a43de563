// What an owner sets: the business's name, keys for machines, and passkeys in place of a password.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { look } from './look.mjs';
import { Letters } from './mail.mjs';
import { confirmBy, heading, newPage, open, press, settle, signIn } from './person.mjs';
import { startBrowser, startDemo, verified } from './program.mjs';

const ADA = { name: 'Ada Lovelace', email: 'ada@workdock.example', password: 'eleven quiet lighthouses' };
let demo, browser, ada, business;
const faults = [];

before(async () => {
  demo = await startDemo();
  browser = await startBrowser();
  ada = await newPage(browser, faults);
  business = await settle(ada, demo.base, ADA, 'Lighthouse supplies', new Letters(demo.data));
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

test('a name is changed at once, with the way back', async () => {
  await open(ada, 'Settings');
  await heading(ada, 'Settings');
  await look(ada, 'settings');
  const switcher = ada.getByRole('navigation', { name: 'Screens' }).first();
  await ada.getByLabel('Name', { exact: true }).fill('Lighthouse and lamp supplies');
  await press(ada, 'Save');
  await switcher.getByText('Lighthouse and lamp supplies').waitFor();
  await press(ada, 'Undo');
  await switcher.getByText('Lighthouse supplies', { exact: true }).waitFor();
});

/** A device that knows fingerprints, as a laptop does. */
async function withDevice(page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  const options = { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true };
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', { options });
  return { verified: (isUserVerified) => devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }) };
}

let device;
let codes;

test('a passkey is made', async () => {
  device = await withDevice(ada);
  await ada.getByRole('link', { name: 'Your account' }).click();
  await press(ada, 'Add a passkey…');
  await ada.getByLabel('Name of the device or key').fill('Laptop');
  await press(ada, 'Make the passkey');
  await confirmBy(ada, ADA, ada.getByText('The passkey is ready: it signs you in by itself.'));
  await ada.getByText('Laptop', { exact: true }).waitFor();
  // A device can be lost, and there is no app beside it: codes for that day.
  await ada.getByRole('list', { name: 'Recovery codes' }).waitFor();
  codes = await ada.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem').allInnerTexts();
  assert.equal(codes.length, 10);
  await look(ada, 'account-passkey-codes');
  await ada.getByLabel('I have kept them').check();
  await press(ada, 'Done');
  await ada.getByText('10 of 10 are left.').waitFor();
  await look(ada, 'account-passkey');
});

test('it signs in alone', async () => {
  await ada.goto(`${demo.base}/b/${business}`);
  await press(ada, 'Sign out');
  await heading(ada, 'Sign in');
  await look(ada, 'sign-in-with-passkey');
  await press(ada, 'Sign in with a passkey');
  await ada.waitForURL('**/b/**');
});

test('it is the second factor after a password, and a finger that is not known opens nothing', async () => {
  await press(ada, 'Sign out');
  await heading(ada, 'Sign in');
  await signIn(ada, ADA);
  await heading(ada, 'Your second factor');
  await look(ada, 'second-factor-passkey');
  await device.verified(false);
  await press(ada, 'Use a passkey');
  await ada.getByRole('alert').waitFor();
  await device.verified(true);
  await press(ada, 'Use a passkey');
  await ada.waitForURL('**/b/**');
});

test('without the device a recovery code opens the account', async () => {
  await press(ada, 'Sign out');
  await heading(ada, 'Sign in');
  await signIn(ada, ADA);
  await heading(ada, 'Your second factor');
  await ada.getByLabel('Recovery code').fill(codes[0]);
  await press(ada, 'Go on');
  await ada.waitForURL('**/b/**');
});

test('a key for a machine is shown once, opens what it was made for, and nothing once revoked', async () => {
  await open(ada, 'Settings');
  await press(ada, 'Make a key…');
  await ada.getByLabel('What it is for').fill('Payroll sync');
  await look(ada, 'key-form');
  await press(ada, 'Make the key');
  await ada.getByText('Keep this key.').waitFor();
  const key = await ada.locator('[role=status] code').innerText();
  await look(ada, 'key-shown');
  await press(ada, 'I have kept it');
  await ada.reload();
  await ada.getByText(`${key.slice(0, 12)}…`).waitFor();
  assert.equal(await ada.getByText(key).count(), 0, 'the key is still on the page');
  const ask = async (query) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
    const answer = await fetch(`${demo.base}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
    return { status: answer.status, ...(answer.ok ? await answer.json() : {}) };
  };
  const question = `{ business(id: "${business}") { name } }`;
  assert.deepEqual((await ask(question)).data, { business: { name: 'Lighthouse supplies' } });
  const refused = await ask(`mutation { renameBusiness(id: "${business}", name: "Taken") { position } }`);
  assert.equal(refused.errors[0].extensions.code, 'FORBIDDEN');
  await press(ada, 'Revoke Payroll sync…');
  await press(ada, 'Revoke for good');
  await ada.getByText('There is none.').waitFor();
  // It is worth nothing everywhere within two seconds.
  await new Promise((done) => setTimeout(done, 2500));
  assert.equal((await ask(question)).status, 401);
});

test('everything about the business is exported as one archive', async () => {
  const coming = ada.waitForEvent('download');
  await press(ada, 'Export everything');
  const path = await (await coming).path();
  const archive = await readFile(path);
  await ada.getByText('The archive is being written; your browser saves it.').waitFor();
  await look(ada, 'export');
  assert.match(archive.subarray(0, 100).toString('latin1'), /^README\.txt\0/);
  assert.ok(archive.includes('Lighthouse supplies'), 'the archive is of another business');
  const { unaltered, manifest } = await verified(path);
  const rows = Object.fromEntries(manifest.files.map((part) => [part.path, part.rows]));
  assert.ok(unaltered && rows['members.csv'] > 0 && rows['keys.json'] > 0, JSON.stringify(rows));
});

test('nothing failed in the page', () => assert.deepEqual(faults, []));
