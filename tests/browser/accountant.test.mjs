// An owner of three companies invites an accountant to two of them: who comes in, what they see, how they switch, and how it ends.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { look } from './look.mjs';
import { Letters } from './mail.mjs';
import { confirmByCode, enrol, heading, importFile, newPage, open, press, register, settle, signIn, verify } from './person.mjs';
import { startBrowser, startDemo } from './program.mjs';

const ADA = { name: 'Ada Lovelace', email: 'ada@workdock.example', password: 'eleven quiet lighthouses' };
const BEN = { name: 'Ben Okonkwo', email: 'ben@accountants.example', password: 'a kettle made of paper' };
const [LAMPS, GLASS, BOATS] = ['Lamp supplies', 'Glass works', 'Boat yard'];
const ids = {};
let demo, browser, letters, ada, ben, app;
const faults = [];

before(async () => {
  demo = await startDemo();
  letters = new Letters(demo.data);
  browser = await startBrowser();
  ada = await newPage(browser, faults);
  ben = await newPage(browser, faults);
  ids[LAMPS] = await settle(ada, demo.base, ADA, LAMPS, letters);
  await importFile(ada, ` by ${LAMPS}`);
  for (const name of [GLASS, BOATS]) {
    await ada.goto(`${demo.base}/new`);
    await ada.getByLabel('Name').fill(name);
    await press(ada, 'Register, then import a file');
    await heading(ada, 'Imports');
    ids[name] = new URL(ada.url()).pathname.split('/')[2];
    await importFile(ada, ` by ${name}`);
  }
  // Whoever changes a team shows a second factor.
  await ada.goto(`${demo.base}/account`);
  app = await enrol(ada, ADA);
  await ben.goto(`${demo.base}/register`);
  await register(ben, BEN);
  await verify(ben, BEN, letters);
  await ben.goto(`${demo.base}/sign-in`);
  await signIn(ben, BEN);
  await heading(ben, 'Register your business');
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

const team = (name) => ada.goto(`${demo.base}/b/${ids[name]}/team`);
const named = (page, name) => page.getByRole('navigation', { name: 'Screens' }).first().getByRole('button', { name: `Business: ${name}` });

async function invite(name, role) {
  await team(name);
  await ada.getByLabel('E-mail').fill(BEN.email);
  await ada.getByLabel(role).check();
  await press(ada, 'Send the invitation');
  const told = ada.getByText(`An invitation went to ${BEN.email}.`);
  await confirmByCode(ada, app, told);
  return letters.link(BEN.email, 'invitation');
}

async function join(link, name) {
  await ben.goto(link);
  await press(ben, 'Join the business');
  await ben.waitForURL(`**/b/${ids[name]}`);
}

/** What the lines of the business on the screen say. */
async function linesOf(page, business) {
  const month = new Date();
  month.setUTCDate(0);
  await page.goto(`${demo.base}/b/${business}/transactions?period=${month.toISOString().slice(0, 7)}`);
  await page.getByRole('table', { name: 'Transactions' }).getByRole('row').nth(1).waitFor();
  return page.getByRole('table', { name: 'Transactions' }).innerText();
}

test('an invitation that is sent again works, and the link before it no more', async () => {
  const first = await invite(LAMPS, /^Viewer/);
  await press(ada, `Send again to ${BEN.email}`);
  await ada.getByText(`A new link went to ${BEN.email}; the one before does not work any more.`).waitFor();
  await look(ada, 'invitation-open');
  const second = await letters.link(BEN.email, 'invitation');
  assert.notEqual(first, second);
  await ben.goto(first);
  await press(ben, 'Join the business');
  await ben.getByRole('alert').waitFor();
  await look(ben, 'invitation-refused');
  await join(second, LAMPS);
});

test('an invitation that is withdrawn opens nothing', async () => {
  const link = await invite(GLASS, /^Auditor/);
  await press(ada, `Withdraw the invitation of ${BEN.email}`);
  await ada.getByText(`The invitation of ${BEN.email} is withdrawn.`).waitFor();
  await ada.getByText('None is open.').waitFor();
  await ben.goto(link);
  await press(ben, 'Join the business');
  await ben.getByRole('alert').waitFor();
  await join(await invite(GLASS, /^Auditor/), GLASS);
});

test('the accountant switches between the two, each with its own lines, and finds no third', async () => {
  await named(ben, GLASS).click();
  const menu = ben.getByRole('dialog', { name: 'Business' });
  await menu.getByRole('link', { name: LAMPS }).waitFor();
  assert.deepEqual((await menu.getByRole('link').allInnerTexts()).sort(), [GLASS, LAMPS, 'New business…'].sort());
  await look(ben, 'switcher');
  await menu.getByRole('link', { name: LAMPS }).click();
  await ben.waitForURL(`**/b/${ids[LAMPS]}`);
  await named(ben, LAMPS).waitFor();
  assert.match(await linesOf(ben, ids[LAMPS]), /by Lamp supplies/);
  await ben.keyboard.press('Control+k');
  await ben.getByRole('listbox', { name: 'Results' }).waitFor();
  await ben.keyboard.type(GLASS);
  await ben.getByRole('option', { name: GLASS, selected: true }).waitFor();
  await ben.keyboard.press('Enter');
  await ben.waitForURL(`**/b/${ids[GLASS]}`);
  await named(ben, GLASS).waitFor();
  const lines = await linesOf(ben, ids[GLASS]);
  assert.match(lines, /by Glass works/);
  assert.doesNotMatch(lines, /Lamp supplies|Boat yard/);
  await ben.goto(`${demo.base}/b/${ids[BOATS]}`);
  await ben.getByText('This business is not there, or not yours to see.').waitFor();
  assert.equal(await ben.getByText(BOATS).count(), 0);
});

test('the last owner cannot leave, and is not offered to', async () => {
  await team(LAMPS);
  const self = ada.getByRole('listitem').filter({ hasText: `${ADA.name} (you)` });
  await self.waitFor();
  assert.equal(await self.getByRole('button').count(), 0);
  assert.equal(await self.getByRole('combobox').count(), 0);
  const { errors } = await ada.evaluate(async (id) => {
    const body = JSON.stringify({ query: 'mutation ($id: UUID!) { leaveBusiness(business: $id) { position } }', variables: { id } });
    const answer = await fetch('/graphql', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    return answer.json();
  }, ids[LAMPS]);
  assert.equal(errors?.length, 1);
});

test('a member who is removed is out within seconds, on the page that is open', async () => {
  await ben.goto(`${demo.base}/b/${ids[LAMPS]}`);
  await named(ben, LAMPS).waitFor();
  await team(LAMPS);
  const row = ada.getByRole('listitem').filter({ hasText: BEN.email });
  await row.getByRole('button', { name: 'Remove…' }).click();
  await look(ada, 'remove-member');
  await row.getByRole('button', { name: 'Remove', exact: true }).click();
  await confirmByCode(ada, app, ada.getByText(`${BEN.name} does not see ${LAMPS} any more.`));
  await ben.reload();
  await ben.getByText('This business is not there, or not yours to see.').waitFor();
  await look(ben, 'no-access');
  await ben.goto(demo.base);
  await ben.waitForURL(`**/b/${ids[GLASS]}`);
});

test('a second factor that a business requires is asked of each member, and of the other business nobody', async () => {
  await ada.goto(`${demo.base}/b/${ids[GLASS]}/settings`);
  await press(ada, 'Require it of every member');
  await confirmByCode(ada, app, ada.getByText('Every member needs a second factor now.'));
  await look(ada, 'policy');
  await ben.goto(`${demo.base}/b/${ids[GLASS]}`);
  await ben.getByText('This business asks for your second factor.').waitFor();
  await look(ben, 'policy-asks');
  await ben.getByRole('link', { name: 'Set one up' }).click();
  await enrol(ben, BEN);
  await ben.goto(`${demo.base}/b/${ids[GLASS]}`);
  await named(ben, GLASS).waitFor();
  await press(ada, 'Leave it to each member');
  await ada.getByText('A password alone opens this business again.').waitFor();
});

test('a member leaves, and has nothing left to see', async () => {
  await open(ben, 'Team');
  const self = ben.getByRole('listitem').filter({ hasText: `${BEN.name} (you)` });
  await self.getByRole('button', { name: 'Leave…' }).click();
  await ben.getByText('Coming back takes an invitation.').waitFor();
  await look(ben, 'leave');
  await self.getByRole('button', { name: 'Leave', exact: true }).click();
  await heading(ben, 'Register your business');
  await open(ada, 'Audit history');
  const history = ada.getByRole('table', { name: 'Audit history' });
  await history.getByRole('row', { name: /left|removed/i }).first().waitFor();
});

test('nothing failed in the page', () => assert.deepEqual(faults, []));
