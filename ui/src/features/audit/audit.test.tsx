import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { formatShortDay } from '@/shared/time/moment';
import { BUSINESS, renderScreen } from '@/testing/harness';
import { FakeServer } from '@/testing/server';
import { Audit } from './audit';
import { EventPanel } from './event-panel';

const event = (position: number, summary: string, kind = 'business.renamed') => ({
  position, at: '2026-10-22T13:03:22Z', actor: { kind: 'USER', name: 'user:u1' }, onBehalfOf: null, kind, subject: BUSINESS.id, summary, address: '192.0.2.7', request: 'r-1', trace: '4bf92f3577b34da6a3ce929d0e0e4736', hash: '9f2c41ab',
  changes: [{ field: 'name', before: '"Old shop"', after: '"Demo shop"' }],
});

const gone = (field: string, id: string) => ({ edges: [{ node: { changes: [{ field, after: JSON.stringify(id) }] } }] });

const RENT = '018f0000-0000-7000-8000-0000000000b1';
const line = (id: string, amount: string, category = 'other') => ({ id, day: '2026-09-03', valueDate: null, pending: false, amount, currency: 'GBP', kind: 'EXPENSE', category, description: `Line ${id.slice(-2)}`, counterparty: null, parts: [] });

const answers = {
  Audit: () => ({
    id: BUSINESS.id,
    audit: {
      edges: [{ node: event(41, 'Business renamed') }, { node: event(40, 'Rename of business refused: invalid', 'security.command_refused') }],
      pageInfo: { hasNextPage: false, endCursor: null },
    },
  }),
  Event: ({ position }: Record<string, unknown>) => ({ id: BUSINESS.id, audit: { edges: position === 41 ? [{ node: event(41, 'Business renamed') }] : [] } }),
  People: () => ({
    id: BUSINESS.id,
    members: [{ user: 'u1', name: 'Ada' }],
    sources: [{ id: 's1', name: 'Till', kind: 'square' }],
    removed: gone('user', '0199c1d2-3f40-7a11-9c22-0000000000a1'),
    left: gone('user', 'u1'),
    revoked: gone('key', '018f0000-0000-7000-8000-000000000006'),
  }),
  Moved: () => ({ id: BUSINESS.id, moved: [{ month: '2026-09-01', kind: 'EXPENSE', currency: 'GBP', cause: 'LATE', in: '0', out: '120.00', count: 1 },
    { month: '2026-10-01', kind: 'REVENUE', currency: 'GBP', cause: 'EXCHANGE_RATE', in: '-33.00', out: '0', count: 0 }] }),
  Revised: () => ({ id: BUSINESS.id, revised: { count: 42, transactions: [
    { before: line(RENT, '-100.00'), after: line(RENT, '-120.00', 'rent') },
    { before: null, after: line('018f0000-0000-7000-8000-0000000000b2', '-8.00') },
    { before: line('018f0000-0000-7000-8000-0000000000b3', '-5.00'), after: null },
  ] } }),
};

const KEYS = [{ id: 'k1', name: 'Payroll sync', prefix: 'wd_abc', role: 'VIEWER', scopes: ['READ'], createdAt: '2026-10-01T08:00:00Z', expiresAt: null, lastUsedAt: null }];
beforeEach(() => void new FakeServer({ [`GET /api/v1/businesses/${BUSINESS.id}/keys`]: { body: KEYS } }));
afterEach(() => vi.unstubAllGlobals());

// A window of a height that has room for rows: jsdom lays nothing out.
beforeEach(() => vi.stubGlobal('innerHeight', 800));

describe('the audit history', () => {
  it('asks with the filters of the address and offers just those as a file', async () => {
    const { asked } = await renderScreen(Audit, { search: '?from=2026-10-01&who=user:u1&did=business.renamed&q=shop', answers });
    await waitFor(() => expect(asked.find((one) => one.name === 'Audit')?.variables).toMatchObject({ filter: { from: '2026-10-01', actor: 'user:u1', kind: 'business.renamed', text: 'shop' }, first: 100 }));
    expect(screen.getByRole('link', { name: 'These as CSV' })).toHaveAttribute(
      'href',
      `/api/v1/businesses/${BUSINESS.id}/audit?format=csv&from=2026-10-01&actor=user%3Au1&kind=business.renamed&text=shop`,
    );
  });

  it('offers the log with its proofs, and says how to check it', async () => {
    await renderScreen(Audit, { answers });
    await userEvent.click(screen.getByText('Check that nothing was altered'));
    expect(screen.getByRole('link', { name: 'Log with proofs' })).toHaveAttribute('href', `/api/v1/businesses/${BUSINESS.id}/audit/log`);
    expect(screen.getByText(new RegExp(`^workdock audit verify workdock-log-${BUSINESS.id}.jsonl`))).toBeVisible();
  });

  it('keeps a filter in the address, and takes it off again', async () => {
    const none = { ...answers, Audit: () => ({ id: BUSINESS.id, audit: { edges: [], pageInfo: { hasNextPage: false, endCursor: null } } }) };
    const { href } = await renderScreen(Audit, { answers: none });
    expect(await screen.findByText('Nothing happened yet.')).toBeVisible();
    await userEvent.selectOptions(screen.getByLabelText('What'), 'security.key_made');
    await waitFor(() => expect(href()).toBe('?did=security.key_made'));
    await userEvent.click(await screen.findByRole('button', { name: 'Take the filters off' }));
    await waitFor(() => expect(href()).toBe(''));
  });

  it('offers by name everybody and everything that can have done something, those who are gone too', async () => {
    const { href } = await renderScreen(Audit, { answers });
    const who = screen.getByLabelText('Who');
    const named = (select: HTMLElement) => within(select).getAllByRole('option').map((one) => one.textContent);
    await waitFor(() => expect(named(who)).toContain('Key Payroll sync'));
    expect(named(who)).toEqual([
      'Everybody', 'Ada', 'A former member (000000a1)', 'Owner of the installation', 'Key Payroll sync', 'Key 00000006, revoked',
      'Workdock (meaning)', 'Workdock (matching)', 'Workdock (retention)', 'Workdock (erasure)', 'Workdock (square)',
    ]);
    await userEvent.selectOptions(who, 'Workdock (square)');
    await waitFor(() => expect(href()).toBe('?who=connector:square'));
    const about = screen.getByLabelText('About');
    expect(named(about)).toEqual(expect.arrayContaining(['About anything', BUSINESS.name, 'Till', 'Ada', 'Key Payroll sync']));
    await userEvent.selectOptions(about, 'Till');
    await waitFor(() => expect(href()).toBe('?who=connector:square&about=s1'));
  });

  it('is not offered to a role that may not read it', async () => {
    const { asked } = await renderScreen(Audit, { answers, business: { ...BUSINESS, viewerRole: 'MANAGER' } });
    expect(screen.getByText('Your role does not open the audit history.')).toBeVisible();
    expect(asked).toEqual([]);
  });
});

describe('an event', () => {
  it('shows before and after, who did it, and the figures that it moved', async () => {
    await renderScreen(EventPanel, { search: '?event=41&period=2026-10', answers });
    const row = await screen.findByRole('row', { name: /^Name/ });
    expect(within(row).getByText('Old shop')).toBeVisible();
    expect(within(row).getByText('Demo shop')).toBeVisible();
    expect(await screen.findByText('Ada')).toBeVisible();
    const month = await screen.findByRole('link', { name: 'September 2026' });
    expect(month).toHaveAttribute('href', `/b/${BUSINESS.id}/changes?known=p41&since=p40&period=2026-09&currency=GBP`);
    expect(screen.getByText('−120.00')).toBeVisible();
    const converted = screen.getByRole('link', { name: 'October 2026' });
    expect(converted).toHaveAttribute('href', `/b/${BUSINESS.id}/changes?known=p41&since=p40&period=2026-10&currency=BASE`);
    expect(screen.getByText('4bf92f3577b34da6a3ce929d0e0e4736')).toBeVisible();
  });

  it('shows each transaction as it was and as it is, and opens it', async () => {
    const { href } = await renderScreen(EventPanel, { search: '?event=41', answers });
    const day = formatShortDay('2026-09-03');
    const told = (await screen.findAllByRole('listitem')).map((one) => one.textContent);
    expect(told).toEqual([
      'Line b1: −100.00 → −120.00, Other → Rent',
      `Line b2: new, ${day}, −8.00, Other`,
      `Line b3: taken back; it was ${day}, −5.00, Other`,
    ]);
    expect(screen.getByText('and 39 more')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Line b1' }));
    await waitFor(() => expect(href()).toBe(`?tx=${RENT}`));
  });

  it('leads to all that is about the same', async () => {
    const { href } = await renderScreen(EventPanel, { search: '?event=41', answers });
    await userEvent.click(await screen.findByRole('button', { name: BUSINESS.name }));
    await waitFor(() => expect(href()).toBe(`?event=41&about=${BUSINESS.id}`));
  });

  it('opens by its position alone, and says where there is none', async () => {
    const { asked } = await renderScreen(EventPanel, { search: '?event=999', answers });
    expect(await screen.findByText('Demo shop has no event at position 999.')).toBeVisible();
    expect(screen.getByText(/it may be another one’s/)).toBeVisible();
    expect(screen.getByRole('link', { name: 'What was archived' })).toHaveAttribute('href', `/b/${BUSINESS.id}/settings#history`);
    await userEvent.click(screen.getByRole('button', { name: 'Look again' }));
    await waitFor(() => expect(asked.filter(({ name }) => name === 'Event')).toHaveLength(2));
  });

  it('is neither asked for nor shown to a role that may not read it', async () => {
    const { asked } = await renderScreen(EventPanel, { search: '?event=41', answers, business: { ...BUSINESS, viewerRole: 'MANAGER' } });
    expect(screen.getByText('Your role does not open events.')).toBeVisible();
    expect(screen.queryByText('Business renamed')).toBeNull();
    expect(asked).toEqual([]);
  });

  it('goes back to what it was opened over', async () => {
    const { href } = await renderScreen(EventPanel, { search: '?tx=018f0000-0000-7000-8000-0000000000b1&event=41', answers });
    await userEvent.keyboard('{Escape}');
    await waitFor(() => expect(href()).toBe('?tx=018f0000-0000-7000-8000-0000000000b1'));
  });

  it('closes with Esc and leaves the filters', async () => {
    const { href } = await renderScreen(EventPanel, { search: '?event=41&who=Ada', answers });
    await userEvent.keyboard('{Escape}');
    await waitFor(() => expect(href()).toBe('?who=Ada'));
  });
});
