import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { BUSINESS, renderScreen } from '@/testing/harness';
import { Audit } from './audit';
import { EventPanel } from './event-panel';
import { remember } from './seen';

const event = (position: number, summary: string, kind = 'business.renamed') => ({
  position, at: '2026-10-22T13:03:22Z', actor: { kind: 'USER', name: 'user:u1' }, onBehalfOf: null, kind, subject: BUSINESS.id, summary, address: '192.0.2.7', request: 'r-1', hash: '9f2c41ab',
  changes: [{ field: 'name', before: '"Old shop"', after: '"Demo shop"' }],
});

const answers = {
  Audit: () => ({
    id: BUSINESS.id,
    audit: {
      edges: [{ node: event(41, 'Business renamed') }, { node: event(40, 'Rename of business refused: invalid', 'security.command_refused') }],
      pageInfo: { hasNextPage: false, endCursor: null },
    },
  }),
  People: () => ({ id: BUSINESS.id, members: [{ user: 'u1', name: 'Ada' }] }),
  Moved: () => ({ id: BUSINESS.id, moved: [{ month: '2026-09-01', kind: 'EXPENSE', currency: 'GBP', cause: 'LATE', in: '0', out: '-120.00', count: 1 }] }),
};

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

  it('keeps a filter in the address, and takes it off again', async () => {
    const none = { ...answers, Audit: () => ({ id: BUSINESS.id, audit: { edges: [], pageInfo: { hasNextPage: false, endCursor: null } } }) };
    const { href } = await renderScreen(Audit, { answers: none });
    expect(await screen.findByText('Nothing happened yet.')).toBeVisible();
    await userEvent.selectOptions(screen.getByLabelText('What'), 'security.key_made');
    await waitFor(() => expect(href()).toBe('?did=security.key_made'));
    await userEvent.click(await screen.findByRole('button', { name: 'Take the filters off' }));
    await waitFor(() => expect(href()).toBe(''));
  });

  it('is not offered to a role that may not read it', async () => {
    const { asked } = await renderScreen(Audit, { answers, business: { ...BUSINESS, viewerRole: 'MANAGER' } });
    expect(screen.getByText('Your role does not open the audit history.')).toBeVisible();
    expect(asked).toEqual([]);
  });
});

describe('an event', () => {
  it('shows before and after, who did it, and the figures that it moved', async () => {
    remember([event(41, 'Business renamed') as never]);
    await renderScreen(EventPanel, { search: '?event=41&period=2026-10', answers });
    const row = await screen.findByRole('row', { name: /^Name/ });
    expect(within(row).getByText('Old shop')).toBeVisible();
    expect(within(row).getByText('Demo shop')).toBeVisible();
    expect(await screen.findByText('Ada')).toBeVisible();
    const month = await screen.findByRole('link', { name: 'September 2026' });
    expect(month).toHaveAttribute('href', `/b/${BUSINESS.id}/changes?known=p41&since=p40&period=2026-09&currency=GBP`);
    expect(screen.getByText('−120.00')).toBeVisible();
  });

  it('closes with Esc and leaves the filters', async () => {
    const { href } = await renderScreen(EventPanel, { search: '?event=41&who=Ada', answers });
    await userEvent.keyboard('{Escape}');
    await waitFor(() => expect(href()).toBe('?who=Ada'));
  });
});
