import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BUSINESS, renderScreen } from '@/testing/harness';
import type { Preview, Report } from './api';
import { Imports } from './imports';

const report: Report = {
  file: 'shop.csv', format: 'csv', rows: 541909, added: 541907, known: 0, refused: [{ line: 299984, reason: 'the amount "x" is not a number' }, { line: 7, reason: 'the day 31 February does not exist' }],
  sums: { GBP: { in: '10666684.544', out: '-918936.610', net: '9747747.934' } }, first: '2010-12-01', last: '2011-12-09', positions: null,
};
const preview: Preview = {
  mapping: { date: { column: 'InvoiceDate', format: '%m/%d/%Y' }, amount: { quantity: 'Quantity', price: 'UnitPrice', decimal: '.' }, currency: { always: 'GBP' } },
  certainty: 'sure',
  columns: ['InvoiceNo', 'Quantity', 'InvoiceDate', 'UnitPrice', 'Total'],
  sample: [{ line: 2, booked: '2010-12-01T08:26:00Z', amount: '-15.30', currency: 'GBP', kind: 'refund', category: 'refund', description: 'WHITE METAL LANTERN' }],
  report,
};

/** The routes as a server would answer them; keeps what was sent. */
class Wire {
  sent: { path: string; form: FormData }[] = [];
  answers: { status: number; body: unknown }[] = [];

  install() {
    const take = (path: string, form: FormData) => {
      this.sent.push({ path, form });
      return this.answers.shift() ?? { status: 500, body: null };
    };
    vi.stubGlobal(
      'XMLHttpRequest',
      class {
        upload = {};
        responseType = '';
        status = 0;
        response: unknown;
        onload?: () => void;
        path = '';
        open(_method: string, path: string) {
          this.path = path;
        }
        send(form: FormData) {
          const answer = take(this.path, form);
          queueMicrotask(() => {
            this.status = answer.status;
            this.response = answer.body;
            this.onload?.();
          });
        }
        abort() {}
      },
    );
  }
}

const answers = { BusinessNow: () => ({ ...BUSINESS, known: { position: 2284, at: null } }), Batches: () => ({ id: BUSINESS.id, batches: { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } } }) };
let wire: Wire;

beforeEach(() => {
  wire = new Wire();
  wire.install();
});
afterEach(() => vi.unstubAllGlobals());

async function chosen() {
  await renderScreen(Imports, { answers });
  await userEvent.upload(screen.getByLabelText('File to import'), new File(['a,b'], 'shop.csv', { type: 'text/csv' }));
}

describe('an import', () => {
  it('previews first, and writes nothing by itself', async () => {
    wire.answers = [{ status: 200, body: preview }];
    await chosen();
    expect(await screen.findByText(/would add 541,907 transactions; 2 lines cannot be read\./)).toBeVisible();
    expect(wire.sent.map((one) => one.path)).toEqual([`/api/v1/businesses/${BUSINESS.id}/imports/preview`]);
    expect(wire.sent[0]?.form.get('mapping')).toBeNull();
  });

  it('shows sums to the last digit, the sample as it is read, and each refused line with its reason', async () => {
    wire.answers = [{ status: 200, body: preview }];
    await chosen();
    expect(await screen.findByText('10,666,684.544')).toBeVisible();
    expect(screen.getByText('9,747,747.934')).toBeVisible();
    expect(screen.getByText('−15.30 GBP')).toBeVisible();
    const refused = within(screen.getByText(/2 lines that cannot be read/).closest('details') as HTMLElement);
    expect(refused.getByText(/the amount "x" is not a number/)).toBeVisible();
  });

  it('reads again with the mapping as it was edited', async () => {
    wire.answers = [
      { status: 200, body: preview },
      { status: 200, body: { ...preview, mapping: { ...preview.mapping, amount: { column: 'Total', decimal: '.' } } } },
    ];
    await chosen();
    await userEvent.selectOptions(await screen.findByLabelText('Amounts stand in'), 'signed');
    await userEvent.selectOptions(screen.getByLabelText('Amount'), 'Total');
    expect(screen.queryByRole('button', { name: /^Write/ })).toBeNull();
    await userEvent.click(screen.getByRole('button', { name: 'Read again with this mapping' }));
    await waitFor(() => expect(wire.sent).toHaveLength(2));
    const sent = JSON.parse(String(wire.sent[1]?.form.get('mapping')));
    expect(sent.amount).toEqual({ decimal: '.', column: 'Total' });
    expect(sent.date).toEqual(preview.mapping.date);
    expect(await screen.findByRole('button', { name: 'Write 541,907 transactions' })).toBeEnabled();
  });

  it('writes what was previewed and says at which positions', async () => {
    wire.answers = [
      { status: 200, body: preview },
      { status: 200, body: { ...report, positions: [1201, 2284] } },
    ];
    await chosen();
    await userEvent.click(await screen.findByRole('button', { name: 'Write 541,907 transactions' }));
    expect(await screen.findByText('541,907 transactions written')).toBeVisible();
    expect(screen.getByText('1,201 to 2,284')).toBeVisible();
    expect(JSON.parse(String(wire.sent[1]?.form.get('mapping')))).toEqual(preview.mapping);
    expect(screen.getByRole('link', { name: 'What it changed' })).toHaveAttribute('href', expect.stringContaining('since=p1200'));
  });

  it('keeps the form where a mapping does not fit, with what the server said', async () => {
    wire.answers = [
      { status: 200, body: preview },
      { status: 422, body: { title: 'Unprocessable', detail: 'mapping, date.format: "%Y" does not fit line 2' } },
    ];
    await chosen();
    await userEvent.type(await screen.findByLabelText('Written as'), 'x');
    await userEvent.click(screen.getByRole('button', { name: 'Read again with this mapping' }));
    expect(await screen.findByText('mapping, date.format: "%Y" does not fit line 2')).toBeVisible();
    expect(screen.getByLabelText('Written as')).toHaveValue('%m/%d/%Yx');
  });

  it('cannot write a file that adds nothing', async () => {
    wire.answers = [{ status: 200, body: { ...preview, report: { ...report, added: 0, known: 541909 } } }];
    await chosen();
    expect(await screen.findByText(/would add 0 transactions; 541,909 are known already/)).toBeVisible();
    expect(screen.getByRole('button', { name: 'Write 0 transactions' })).toBeDisabled();
  });

  it('asks what the file leaves open, and reads it with the answer', async () => {
    const questions = [{ key: 'date.format', problem: '"03/04/2024" in "D" can be 3 April 2024 or 4 March 2024', options: ['%d/%m/%Y', '%m/%d/%Y'] }];
    wire.answers = [
      { status: 422, body: { title: 'Refused', detail: 'it is unclear', questions } },
      { status: 200, body: preview },
    ];
    await chosen();
    expect(await screen.findByText(/can be 3 April 2024 or 4 March 2024/)).toBeVisible();
    expect(screen.getByRole('button', { name: 'The day comes first (31/12/2025)' })).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'The month comes first (12/31/2025)' }));
    await waitFor(() => expect(wire.sent).toHaveLength(2));
    expect(JSON.parse(String(wire.sent[1]?.form.get('mapping')))).toEqual({ date: { format: '%m/%d/%Y' } });
    expect(await screen.findByRole('button', { name: 'Write 541,907 transactions' })).toBeEnabled();
  });

  it('shows a statement with its accounts, balances and what to look at', async () => {
    const accounts = [{ account: 'DE89 1', currency: 'EUR', rows: 3, opening: '10.00', closing: '12.50' }];
    const warnings = [{ line: 7, text: 'the statement of DE89 1 does not add up' }];
    const certainties = [{ key: 'file.format', value: 'camt.053', sure: true, why: 'its content is that' }];
    const statement: Report = { ...report, format: 'camt.053', pending: 2, accounts, warnings, refused: [] };
    wire.answers = [{ status: 200, body: { ...preview, format: 'camt.053', certainties, columns: [], mapping: {}, report: statement } }];
    await chosen();
    expect(await screen.findByText('CAMT.053, statement')).toBeVisible();
    expect(screen.getByText('12.50 EUR')).toBeVisible();
    expect(screen.getByText(/does not add up/)).toBeVisible();
    expect(screen.getByText('Only announced, not booked')).toBeVisible();
    expect(screen.queryByLabelText('Amounts stand in')).toBeNull();
    await userEvent.type(screen.getByLabelText('Account'), 'Giro');
    expect(screen.getByRole('button', { name: 'Read again' })).toBeEnabled();
  });
});
