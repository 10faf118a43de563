// What people do with each other: an account, a second factor, a business, an invitation, roles and sessions. Letters are read where the program writes them, codes are made as an app makes them.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { look } from './look.mjs';
import { Letters } from './mail.mjs';
import { heading, importFile, newPage, open, press, register, signIn, verify } from './person.mjs';
import { startBrowser, startDemo, verified } from './program.mjs';
import { Authenticator } from './totp.mjs';

const ADA = { name: 'Ada Lovelace', email: 'ada@workdock.example', password: 'eleven quiet lighthouses' };
const BEN = { name: 'Ben Okonkwo', email: 'ben@accountants.example', password: 'a kettle made of paper' };
let demo, browser, letters, ada, ben, app, business;
const faults = [];

before(async () => {
  demo = await startDemo();
  letters = new Letters(demo.data);
  browser = await startBrowser();
  ada = await newPage(browser, faults);
  ben = await newPage(browser, faults);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

test('somebody makes an account, whose address a mail confirms', async () => {
  await ada.goto(`${demo.base}/register`);
  await heading(ada, 'Make an account');
  await look(ada, 'register');
  await register(ada, ADA);
  await look(ada, 'register-sent');
  await verify(ada, ADA, letters);
  await look(ada, 'verified');
});

test('a wrong password is refused in words, the right one signs in', async () => {
  await ada.getByRole('link', { name: 'Sign in' }).click();
  await heading(ada, 'Sign in');
  await look(ada, 'sign-in');
  await signIn(ada, { ...ADA, password: 'not this one at all' });
  await ada.getByRole('alert').getByText(/not right/).waitFor();
  await look(ada, 'sign-in-refused');
  await signIn(ada, ADA);
  await heading(ada, 'Register your business');
});

test('a forgotten password is set anew by mail', async () => {
  const page = await newPage(browser, faults);
  await page.goto(`${demo.base}/sign-in`);
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  // The page before has a field of the same name.
  await heading(page, 'Forgot your password?');
  await page.getByLabel('E-mail').fill(ADA.email);
  await look(page, 'forgot-password');
  await press(page, 'Send me the link');
  await heading(page, 'Look into your mail');
  await page.goto(await letters.link(ADA.email, 'reset-password'));
  await heading(page, 'Choose a new password');
  ADA.password = 'twelve quiet lighthouses';
  await page.getByLabel('New password', { exact: true }).fill(ADA.password);
  await look(page, 'reset-password');
  await press(page, 'Change it');
  await heading(page, 'The password is changed');
  await page.context().close();
});

test('with the new password the old session is over and a business is registered', async () => {
  await ada.goto(`${demo.base}/sign-in`);
  await signIn(ada, ADA);
  await heading(ada, 'Register your business');
  await ada.getByLabel('Name').fill('Lighthouse supplies');
  await press(ada, 'Register, then import a file');
  await heading(ada, 'Imports');
  business = new URL(ada.url()).pathname.split('/')[2];
});

test('a file is imported', () => importFile(ada));

test('a second factor is set up with an app, and its recovery codes are shown once', async () => {
  await ada.goto(`${demo.base}/account`);
  await press(ada, 'Set up an authenticator app');
  const confirmation = ada.getByRole('dialog', { name: 'Confirm that it is you' });
  await confirmation.or(ada.getByRole('img', { name: /QR code/ })).first().waitFor();
  if (await confirmation.isVisible()) {
    await look(ada, 'step-up-by-password');
    await confirmation.getByLabel('Password', { exact: true }).fill(ADA.password);
    await confirmation.getByRole('button', { name: 'Confirm and go on' }).click();
  }
  await ada.getByRole('img', { name: /QR code/ }).waitFor();
  await look(ada, 'second-factor-enrol');
  app = new Authenticator(await ada.locator('code').first().innerText());
  await ada.getByLabel('Type the code that the app shows').fill(await app.code());
  await press(ada, 'Confirm');
  await ada.getByText('Keep these recovery codes.').waitFor();
  assert.equal(await ada.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem').count(), 10);
  await look(ada, 'recovery-codes');
  await ada.getByLabel('I have kept them').check();
  await press(ada, 'Done');
  await ada.getByText('10 of 10 are left', { exact: false }).waitFor();
  await look(ada, 'account');
});

test('the next sign-in asks for it', async () => {
  await ada.goto(`${demo.base}/b/${business}`);
  await press(ada, 'Sign out');
  await heading(ada, 'Sign in');
  await signIn(ada, ADA);
  await heading(ada, 'Your second factor');
  await look(ada, 'second-factor');
  await ada.getByLabel('Code from the app').fill(await app.code());
  await press(ada, 'Go on');
  await ada.waitForURL('**/b/**');
});

test('a colleague is invited, makes an account, and joins', async () => {
  await open(ada, 'Team');
  await heading(ada, 'Team');
  await ada.getByLabel('E-mail').fill(BEN.email);
  await ada.getByLabel(/^Viewer/).check();
  await press(ada, 'Send the invitation');
  await ada.getByText(`An invitation went to ${BEN.email}.`).waitFor();
  await look(ada, 'team');
  const invitation = await letters.link(BEN.email, 'invitation');
  await ben.goto(invitation);
  await heading(ben, 'You are invited');
  await look(ben, 'invitation-signed-out');
  await ben.getByRole('link', { name: 'Make an account' }).click();
  await register(ben, BEN);
  await verify(ben, BEN, letters);
  await ben.goto(invitation);
  await ben.getByRole('link', { name: 'Sign in' }).click();
  await signIn(ben, BEN);
  await press(ben, 'Join the business');
  await ben.waitForURL(`**/b/${business}`);
});

test('a viewer sees the figures and is offered nothing that a viewer may not do', async () => {
  const screens = ben.getByRole('navigation', { name: 'Screens' }).first();
  await screens.getByRole('link', { name: 'Home' }).waitFor();
  assert.equal(await screens.getByRole('link', { name: 'Audit history' }).count(), 0);
  await open(ben, 'Team');
  await ben.getByText(/You are a viewer of Lighthouse supplies/).waitFor();
  assert.equal(await ben.getByRole('button', { name: /invitation/ }).count(), 0);
  await look(ben, 'team-of-a-viewer');
  await open(ben, 'Imports');
  await ben.getByText(/owners and managers import files/).waitFor();
  await ben.goto(`${demo.base}/b/${business}/audit`);
  await ben.getByText('Your role does not open the audit history.').waitFor();
});

test('a changed role counts at once, and can be taken back', async () => {
  await open(ada, 'Team');
  await ada.getByLabel(`Role of ${BEN.name}`).selectOption('AUDITOR');
  await ada.getByText(`${BEN.name} is auditor now.`).waitFor();
  await ben.reload();
  await ben.getByRole('navigation', { name: 'Screens' }).first().getByRole('link', { name: 'Audit history' }).waitFor();
});

test('an auditor finds who did what, and takes history and log along to check them elsewhere', async () => {
  await open(ben, 'Audit history');
  await heading(ben, 'Audit history');
  await ben.getByRole('row').filter({ hasText: /auditor/i }).first().waitFor();
  const saved = async (link) => {
    const coming = ben.waitForEvent('download');
    await ben.getByRole('link', { name: link }).click();
    return (await coming).path();
  };
  const history = await readFile(await saved('All as CSV'), 'utf8');
  assert.match(history, /"business\.role_changed"/);
  await ben.getByText('Check that nothing was altered').click();
  await look(ben, 'audit-proof');
  const log = await saved('Log with proofs');
  const told = await verified(log);
  assert.deepEqual([told.unaltered, told.business], [true, business]);
  assert.match(await readFile(await saved('Newest checkpoint'), 'utf8'), /^workdock\//);
});

test('a session is seen, and ended from another one', async () => {
  await ben.goto(`${demo.base}/account`);
  await ben.getByText('this one', { exact: true }).waitFor();
  const other = await newPage(browser, faults);
  await other.goto(`${demo.base}/sign-in`);
  await signIn(other, BEN);
  await other.waitForURL('**/b/**');
  await ben.reload();
  await ben.getByRole('button', { name: /^End the session on/ }).click();
  await ben.getByText(/^The session on .* has ended\.$/).waitFor();
  await other.waitForURL('**/sign-in**');
  await other.context().close();
});

test('nothing failed in the page', () => assert.deepEqual(faults, []));
