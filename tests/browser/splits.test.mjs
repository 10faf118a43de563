// One transaction in parts: shared out to the last cent, counted by its parts, undone, and ended by a choice.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { look } from './look.mjs';
import { Letters } from './mail.mjs';
import { importFile, newPage, settle } from './person.mjs';
import { startBrowser, startDemo } from './program.mjs';

const ADA = { name: 'Ada Lovelace', email: 'ada@workdock.example', password: 'eleven quiet lighthouses' };
let demo, browser, ada, business, panel, list;
const faults = [];

const screen = (rest) => `${demo.base}/b/${business}/transactions?period=all${rest}`;
const part = (number) => panel.getByRole('group', { name: `Part ${number}` });
const split = () => panel.getByRole('region', { name: 'Split' });
const save = () => panel.getByRole('button', { name: 'Save the split' });

/** What the business spent and drew over all time, as the server tells it now. */
const spent = () =>
  ada.evaluate(async (business) => {
    const period = '2000-01-01..2100-01-01';
    const ask = async (metric) => {
      const [from, to] = period.split('..');
      const query = `query($b: UUID!) { business(id: $b) { explain(metric: ${metric}, period: {from: "${from}", to: "${to}"}, currency: "EUR") { figure { value } parts { category value } transactionCount } } }`;
      const answer = await fetch('/graphql', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query, variables: { b: business } }) });
      const { figure, parts, transactionCount } = (await answer.json()).data.business.explain;
      return { value: Number(figure.value), parts: Object.fromEntries(parts.map(({ category, value }) => [category, Number(value)])), transactionCount };
    };
    return { expenses: await ask('EXPENSES'), moneyOut: await ask('MONEY_OUT') };
  }, business);

/** The same, once the expenses are these: a list shows a change a moment before or after the figures do. */
async function spentWhen(expenses) {
  for (const end = Date.now() + 30_000; ; ) {
    const now = await spent();
    if (now.expenses.value === expenses) return now;
    assert.ok(Date.now() < end, `${now.expenses.value}, and not ${expenses}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

before(async () => {
  demo = await startDemo();
  browser = await startBrowser();
  ada = await newPage(browser, faults);
  business = await settle(ada, demo.base, ADA, 'Lighthouse supplies', new Letters(demo.data));
  await importFile(ada);
  await ada.goto(screen(''));
  list = ada.getByRole('table', { name: 'Transactions' });
  await ada.getByText('Glass bought').first().click();
  panel = ada.getByRole('dialog');
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

test('a transaction is split by keyboard, and saved only once nothing is left', async () => {
  await split().getByRole('button', { name: 'Split', exact: true }).press('Enter');
  await ada.keyboard.type('200,50');
  await part(1).getByLabel('Category of part 1').selectOption('office_supplies');
  await part(2).getByLabel('Category of part 2').selectOption('owner_drawing');
  await panel.getByText('110.00 EUR left to share out').waitFor();
  assert.ok(await save().isDisabled());
  await part(2).getByLabel('Amount').fill('110.01');
  await panel.getByText('0.01 EUR more than the transaction').waitFor();
  assert.ok(await save().isDisabled());
  await part(2).getByRole('button', { name: 'Put the rest in part 2' }).press('Enter');
  assert.equal(await part(2).getByLabel('Amount').inputValue(), '110.00');
  await part(2).getByLabel('Note on part 2').fill('For the house');
  await look(ada, 'split-editor');
  await save().press('Enter');
  await ada.getByText('Split in 2.', { exact: true }).waitFor();
  await split().getByText('For the house').waitFor();
});

test('figures follow the parts, and the money stays', async () => {
  const { moneyOut } = await spentWhen(200.5);
  assert.equal(moneyOut.value, 310.5);
  assert.deepEqual(moneyOut.parts, { office_supplies: 200.5, owner_drawing: 110 });
  assert.equal(moneyOut.transactionCount, 1);
});

test('the list marks it and finds it by its parts', async () => {
  await ada.goto(screen('&incategory=owner_drawing'));
  await list.getByText('split in 2').waitFor();
  assert.equal(await list.getByText('Glass bought').count(), 1);
  await look(ada, 'transactions-split');
});

test('it is taken back, and the way there is undone', async () => {
  await ada.goto(screen(''));
  await ada.getByText('Glass bought').first().click();
  await split().getByRole('button', { name: 'Take the split back' }).click();
  await ada.getByText('No longer split.').waitFor();
  await ada.getByRole('button', { name: 'Undo' }).click();
  await split().getByText('For the house').waitFor();
  await spentWhen(200.5);
  await look(ada, 'transaction-split');
});

test('a choice for the whole ends it, and its history tells', async () => {
  await ada.goto(screen(''));
  await list.getByRole('checkbox', { name: 'Choose Glass bought' }).check();
  const bar = ada.getByRole('form', { name: 'With the chosen transactions' });
  await bar.getByLabel('Category').selectOption('purchases');
  await bar.locator('button[type=submit]').click();
  await ada.getByText('One transaction under Purchases now.').waitFor();
  await spentWhen(310.5);
  await list.getByText('Glass bought').click();
  await panel.getByText(/no longer split in 2/).last().waitFor();
  await split().getByRole('button', { name: 'Split', exact: true }).waitFor();
});

test('nothing failed in the page', () => assert.deepEqual(faults, []));
