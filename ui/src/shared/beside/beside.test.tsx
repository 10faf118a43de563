import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Answers, BUSINESS, renderScreen } from '@/testing/harness';
import { FakeServer, refusal } from '@/testing/server';
import { sizeText } from './api';
import { BesideLine } from './beside';

const LINE = { id: '018f0000-0000-7000-8000-0000000000e1', account: { id: BUSINESS.accounts[0]?.id ?? '', name: 'Current account' } };
const PATH = `/api/v1/businesses/${BUSINESS.id}/accounts/${LINE.account.id}/transactions/${LINE.id}/attachments`;
const FILE = { id: '018f0000-0000-7000-8000-0000000000f1', name: 'Rechnung.pdf', media: 'application/pdf', bytes: 48_211, attachedAt: '2026-10-22T13:03:22Z' };

/** What stands there, as a server would keep it. */
function kept(files: (typeof FILE)[] = [], memo: string | null = null): Answers {
  let state = { files, memo };
  return {
    Beside: () => ({ id: BUSINESS.id, beside: { attachments: state.files, memo: state.memo === null ? null : { text: state.memo, at: `2026-10-22T13:03:${state.memo.length}Z` } } }),
    SetMemo: ({ memo }) => {
      state = { ...state, memo: memo as string | null };
      return { setMemo: { position: 7 } };
    },
    DetachFile: ({ id }) => {
      state = { ...state, files: state.files.filter((file) => file.id !== id) };
      return { detachFile: { position: 8 } };
    },
  };
}

const show = (answers: Answers, role = BUSINESS.viewerRole) =>
  renderScreen(() => <BesideLine line={LINE as never} />, { answers, business: { ...BUSINESS, viewerRole: role } });

afterEach(() => vi.unstubAllGlobals());

describe('what is kept beside a transaction', () => {
  it('writes a memo, and takes it back', async () => {
    const { asked } = await show(kept());
    await userEvent.click(await screen.findByRole('button', { name: 'Write a memo' }));
    await userEvent.type(screen.getByLabelText('Memo'), 'Paid late');
    await userEvent.click(screen.getByRole('button', { name: 'Save the memo' }));
    expect(await screen.findByText('Paid late')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Undo' }));
    expect(await screen.findByRole('button', { name: 'Write a memo' })).toBeVisible();
    expect(asked.filter((one) => one.name === 'SetMemo').map((one) => one.variables['memo'])).toEqual(['Paid late', null]);
  });

  it('sends a file as it is, and shows what the server calls it', async () => {
    const server = new FakeServer({ [`POST ${PATH}?name=My%20receipt.pdf`]: { body: { id: FILE.id, position: 9, name: 'My receipt.pdf' } } });
    await show(kept());
    await screen.findByRole('button', { name: 'Add a receipt' });
    await userEvent.upload(screen.getByLabelText('File to keep beside this transaction'), new File(['%PDF-1.7'], 'My receipt.pdf', { type: 'application/pdf' }));
    expect(await screen.findByText('My receipt.pdf is kept beside this transaction.')).toBeVisible();
    expect(server.sent).toHaveLength(1);
  });

  it('says why a file is not kept', async () => {
    new FakeServer({ [`POST ${PATH}?name=a.pdf`]: refusal(415, 'UNSUPPORTED_MEDIA', 'This file is image/png, not application/pdf.') });
    await show(kept());
    await screen.findByRole('button', { name: 'Add a receipt' });
    await userEvent.upload(screen.getByLabelText('File to keep beside this transaction'), new File(['x'], 'a.pdf', { type: 'application/pdf' }));
    expect(await screen.findByText('This file is image/png, not application/pdf.')).toBeVisible();
  });

  it('asks before a file goes for good', async () => {
    const { asked } = await show(kept([FILE]));
    expect(await screen.findByRole('link', { name: 'Rechnung.pdf' })).toHaveAttribute('href', `/api/v1/businesses/${BUSINESS.id}/attachments/${FILE.id}`);
    await userEvent.click(screen.getByRole('button', { name: 'Delete Rechnung.pdf' }));
    expect(asked.some((one) => one.name === 'DetachFile')).toBe(false);
    await userEvent.click(screen.getByRole('button', { name: 'Delete' }));
    await waitFor(() => expect(screen.queryByRole('link')).toBeNull());
  });

  it('shows a viewer what is there and offers nothing', async () => {
    await show(kept([FILE], 'Paid late'), 'VIEWER');
    expect(await screen.findByText('Paid late')).toBeVisible();
    expect(screen.getByRole('link', { name: 'Rechnung.pdf' })).toBeVisible();
    expect(screen.queryByRole('button')).toBeNull();
  });

  it('tells sizes as file managers do', () => {
    expect([sizeText(999), sizeText(48_211), sizeText(9_961_472)]).toEqual(['999 bytes', '48 kB', '10 MB']);
  });
});
