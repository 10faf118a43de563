// The real sets through the page: each file is dropped where anybody drops theirs, and what the page says of it is the truth to the last digit.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { look } from './look.mjs';
import { newPage, press } from './person.mjs';
import { startBrowser, startDemo } from './program.mjs';

/** Beside the project: the sets are no part of it. */
const FOLDER = join(dirname(fileURLToPath(import.meta.url)), '../../../shared/data/transactions');
const PATIENCE = 300_000;
const SETS = [
  { name: 'Bank', currency: 'CZK', zone: 'Europe/Prague', file: 'czech_bank_1995_1998.csv.gz', truth: 'truth_czech_bank_1995_1998_monthly.csv', period: '1995-01-01..1998-12-31' },
  { name: 'Shop', currency: 'GBP', zone: 'Europe/London', file: 'uk_online_retail_2010_2011.csv.gz', truth: 'truth_uk_online_retail_monthly.csv', period: '2010-12-01..2011-12-31' },
];
let demo, browser, page;
const faults = [];

before(async () => {
  if (!existsSync(FOLDER)) return;
  demo = await startDemo();
  browser = await startBrowser();
  page = await newPage(browser, faults);
  page.setDefaultTimeout(PATIENCE);
  await page.goto(demo.link);
  await page.waitForURL('**/b/**');
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** Rows by month, "TOTAL" among them: how many lines, money in and money out. */
function truthOf(file) {
  const [head, ...rows] = readFileSync(join(FOLDER, file), 'utf8').trim().split('\n').map((line) => line.split(','));
  const place = (...names) => head.findIndex((one) => names.includes(one));
  const [month, count, money] = [place('month'), place('tx_count', 'line_count'), { MONEY_IN: place('inflow'), MONEY_OUT: place('outflow') }];
  return new Map(rows.map((row) => [row[month], { count: Number(row[count]), MONEY_IN: row[money.MONEY_IN], MONEY_OUT: row[money.MONEY_OUT] }]));
}

/** "97,977,309.90" and "97977309.9" are one amount; no digit is rounded away. */
const plain = (text) => text.replaceAll(',', '').replace('−', '-').replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '');

/** What the panel says, as an address opens it; the page is live, and what was written just now arrives in it by itself. */
async function says(business, period, metric, wanted) {
  await page.goto(`${business}?period=${period}&open=${metric}`);
  const value = page.getByRole('dialog', { name: 'What it is made of' }).locator('h2 + p span');
  let read;
  for (const end = Date.now() + PATIENCE; read !== wanted && Date.now() < end; await new Promise((done) => setTimeout(done, 250))) read = plain(await value.innerText());
  assert.equal(read, wanted, `${metric} of ${period}`);
}

for (const set of SETS) {
  test(`${set.file}: what the page says is the truth to the last digit`, async (t) => {
    const file = join(FOLDER, set.file);
    if (!existsSync(file)) {
      t.skip(`NOT TESTED: ${set.file} is not in ../shared/data/transactions`);
      return;
    }
    const truth = truthOf(set.truth);
    const total = truth.get('TOTAL');
    const lines = total.count.toLocaleString('en-US');
    await page.goto(`${demo.base}/new`);
    await page.getByLabel('Name').fill(set.name);
    await page.getByLabel('Base currency').selectOption(set.currency);
    await page.getByLabel('Time zone').fill(set.zone);
    await press(page, 'Register, then import a file');
    await page.waitForURL('**/imports');
    const business = page.url().replace('/imports', '');

    // Before anything is written the preview has read all of it, by a mapping that nobody had to make.
    await page.getByLabel('File to import').setInputFiles(file);
    await page.getByText(`would add ${lines} transactions.`, { exact: false }).waitFor();
    const sums = page.getByRole('table', { name: 'Sums by currency' });
    const [read] = await sums.locator('tbody tr').allInnerTexts();
    const [currency, ...amounts] = read.split('\t').map((cell) => cell.trim());
    assert.deepEqual([currency, plain(amounts[0]), plain(amounts[1])], [set.currency, plain(total.MONEY_IN), plain(total.MONEY_OUT)]);
    await look(page, `preview-${set.name.toLowerCase()}`);
    await press(page, `Write ${lines} transactions`);
    await page.getByText(`${lines} transactions written`).waitFor();

    for (const metric of ['MONEY_IN', 'MONEY_OUT']) await says(business, set.period, metric, plain(total[metric]));
    const months = [...truth.keys()].filter((month) => month !== 'TOTAL');
    for (const month of [months[0], months[Math.floor(months.length / 2)], months.at(-2), months.at(-1)]) {
      for (const metric of ['MONEY_IN', 'MONEY_OUT']) await says(business, month, metric, plain(truth.get(month)[metric]));
      await says(business, month, 'COUNT', String(truth.get(month).count));
    }
    await page.goto(`${business}?period=${months.at(-2)}`);
    await page.getByRole('row', { name: /^Revenue/ }).waitFor();
    await look(page, `home-${set.name.toLowerCase()}`);
  });
}

test('nothing failed in the page', () => assert.deepEqual(faults, []));
