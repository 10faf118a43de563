// What anybody does in the page before anything else: an account, a business, a file.
import assert from 'node:assert/strict';
import { Authenticator } from './totp.mjs';

const PATIENCE = 30_000;

/** A page of a browser of its own, whose faults are kept; `from`: the address that a proxy says it has. */
export async function newPage(browser, faults, from) {
  const proxied = from ? { extraHTTPHeaders: { 'x-forwarded-for': from } } : {};
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...proxied });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => message.text().includes('Content Security Policy') && faults.push(message.text()));
  return page;
}

export const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
export const heading = (page, name) => page.getByRole('heading', { name }).first().waitFor();

export async function register(page, person) {
  await page.getByLabel('Your name').fill(person.name);
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByLabel('Password', { exact: true }).fill(person.password);
  await press(page, 'Send me the link');
  await heading(page, 'Look into your mail');
}

export async function verify(page, person, letters) {
  await page.goto(await letters.link(person.email, 'verify-email'));
  await heading(page, 'Your address is confirmed');
  assert.equal(new URL(page.url()).search, '', 'the link stays in the address');
}

export async function signIn(page, person) {
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByLabel('Password', { exact: true }).fill(person.password);
  await press(page, 'Sign in');
}

export async function open(page, screen) {
  await page.getByRole('navigation', { name: 'Screens' }).first().getByRole('link', { name: screen, exact: true }).click();
}

/** An account that is signed in and owns one business; the business's id. */
export async function settle(page, base, person, business, letters) {
  await page.goto(`${base}/register`);
  await register(page, person);
  await verify(page, person, letters);
  await page.getByRole('link', { name: 'Sign in' }).click();
  await signIn(page, person);
  await heading(page, 'Register your business');
  await page.getByLabel('Name').fill(business);
  await press(page, 'Register, then import a file');
  await heading(page, 'Imports');
  return new URL(page.url()).pathname.split('/')[2];
}

/** Where the server asks first whether it is really them. */
export async function confirmBy(page, person, next) {
  const dialog = page.getByRole('dialog', { name: 'Confirm that it is you' });
  await dialog.or(next).first().waitFor();
  if (!(await dialog.isVisible())) return;
  await dialog.getByLabel('Password', { exact: true }).fill(person.password);
  await dialog.getByRole('button', { name: 'Confirm and go on' }).click();
  await next.waitFor();
}

/** The same where it asks for a code of their app. */
export async function confirmByCode(page, app, next) {
  const dialog = page.getByRole('dialog', { name: 'Confirm that it is you' });
  await dialog.or(next).first().waitFor();
  if (!(await dialog.isVisible())) return;
  await dialog.getByLabel('Code from the app').fill(await app.code());
  await dialog.getByRole('button', { name: 'Confirm and go on' }).click();
  await next.waitFor();
}

/** An authenticator app becomes their second factor, on the page of their account; `keep` is given the recovery codes. */
export async function enrol(page, person, keep = () => {}) {
  await press(page, 'Set up an authenticator app');
  await confirmBy(page, person, page.getByRole('img', { name: /QR code/ }));
  const app = new Authenticator(await page.locator('code').first().innerText());
  await page.getByLabel('Type the code that the app shows').fill(await app.code());
  await press(page, 'Confirm');
  await page.getByText('Keep these recovery codes.').waitFor();
  keep(await page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem').allInnerTexts());
  await page.getByLabel('I have kept them').check();
  await press(page, 'Done');
  return app;
}

/** Three lines of the month before, written into an account of their own; `also` makes them others than those of before. */
export async function importFile(page, also = '') {
  const month = new Date();
  month.setUTCDate(1);
  month.setUTCMonth(month.getUTCMonth() - 1);
  const day = (number) => `${month.toISOString().slice(0, 8)}${String(number).padStart(2, '0')}`;
  const rows = ['Date,Description,Amount,Currency', `${day(3)},Lamp oil sold${also},1200.00,EUR`, `${day(9)},Glass bought${also},-310.50,EUR`, `${day(20)},Lenses sold${also},845.25,EUR`];
  await page.getByLabel('File to import').setInputFiles({ name: 'bank.csv', mimeType: 'text/csv', buffer: Buffer.from(`${rows.join('\n')}\n`) });
  await press(page, 'Write 3 transactions');
  await page.getByText('3 transactions written').waitFor();
}
