import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Role } from '@/shared/graphql/generated';
import { BUSINESS, refused, renderScreen } from '@/testing/harness';
import { FakeServer } from '@/testing/server';
import { Team } from './team';

afterEach(() => vi.unstubAllGlobals());

const ADA = { user: '018f0000-0000-7000-8000-0000000000u1', name: 'Ada', email: 'ada@example.org', role: 'OWNER' as Role, since: '2026-01-05T09:00:00Z', lastSeen: '2026-10-23T09:00:00Z' };
const BEN = { user: '018f0000-0000-7000-8000-0000000000u2', name: 'Ben', email: 'ben@example.org', role: 'VIEWER' as Role, since: '2026-03-01T09:00:00Z', lastSeen: null };
const OPEN = { id: 'i1', email: 'cy@example.org', role: 'AUDITOR' as Role, expiresAt: '2026-10-30T09:00:00Z', state: 'OPEN' };

function answers(more = {}) {
  const receipt = { id: BUSINESS.id, position: 7 };
  return {
    Team: () => ({ id: BUSINESS.id, members: [ADA, BEN], invitations: [OPEN, { ...OPEN, id: 'i2', email: 'old@example.org', state: 'ACCEPTED' }] }),
    Viewer: () => ({ viewer: { user: ADA.user, name: 'Ada', businesses: [BUSINESS] } }),
    ChangeRole: () => ({ changeRole: receipt }),
    InviteMember: () => ({ inviteMember: receipt }),
    WithdrawInvitation: () => ({ withdrawInvitation: receipt }),
    RemoveMember: () => ({ removeMember: receipt }),
    ...more,
  };
}

describe('the team of an owner', () => {
  it('changes a role at once, with the way back', async () => {
    const { asked } = await renderScreen(Team, { answers: answers() });
    await userEvent.selectOptions(await screen.findByLabelText('Role of Ben'), 'MANAGER');
    expect(await screen.findByText('Ben is manager now.')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Undo' }));
    await waitFor(() => expect(asked.filter((one) => one.name === 'ChangeRole').map((one) => one.variables['role'])).toEqual(['MANAGER', 'VIEWER']));
  });

  it('keeps its last owner', async () => {
    await renderScreen(Team, { answers: answers() });
    const row = (await screen.findByText('Ada (you)')).closest('li') as HTMLElement;
    expect(within(row).queryByRole('combobox')).toBeNull();
    expect(within(row).queryByRole('button')).toBeNull();
  });

  it('asks for the second factor where the server does, and then invites by itself', async () => {
    new FakeServer({ 'GET factors': { body: { totp: true, recoveryCodesLeft: 9, passkeys: [] } }, 'POST confirm': {} });
    let tried = 0;
    const InviteMember = () => (++tried === 1 ? refused('SECOND_FACTOR', 'Confirm first.') : { inviteMember: { id: BUSINESS.id, position: 8 } });
    const { asked } = await renderScreen(Team, { answers: answers({ InviteMember }) });
    await userEvent.type(await screen.findByLabelText('E-mail'), 'dee@example.org');
    await userEvent.click(screen.getByLabelText(/^Auditor/));
    await userEvent.click(screen.getByRole('button', { name: 'Send the invitation' }));
    const dialog = await screen.findByRole('dialog', { name: 'Confirm that it is you' });
    await userEvent.type(await within(dialog).findByLabelText('Code from the app'), '123456');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Confirm and go on' }));
    expect(await screen.findByText('An invitation went to dee@example.org.')).toBeVisible();
    expect(asked.filter((one) => one.name === 'InviteMember').map((one) => one.variables)).toEqual(
      Array.from({ length: 2 }, () => ({ business: BUSINESS.id, email: 'dee@example.org', role: 'AUDITOR' })),
    );
  });

  it('shows open invitations only, and invites again when a withdrawal is undone', async () => {
    const { asked } = await renderScreen(Team, { answers: answers() });
    expect(await screen.findByText('cy@example.org')).toBeVisible();
    expect(screen.queryByText('old@example.org')).toBeNull();
    await userEvent.click(screen.getByRole('button', { name: 'Withdraw the invitation of cy@example.org' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Undo' }));
    await waitFor(() => expect(asked.find((one) => one.name === 'InviteMember')?.variables).toEqual({ business: BUSINESS.id, email: 'cy@example.org', role: 'AUDITOR' }));
  });

  it('asks before somebody is removed, for only an invitation brings them back', async () => {
    const { asked } = await renderScreen(Team, { answers: answers() });
    await userEvent.click(await screen.findByRole('button', { name: 'Remove…' }));
    expect(asked.some((one) => one.name === 'RemoveMember')).toBe(false);
    await userEvent.click(screen.getByRole('button', { name: 'Remove' }));
    await waitFor(() => expect(asked.find((one) => one.name === 'RemoveMember')?.variables).toEqual({ business: BUSINESS.id, user: BEN.user }));
  });
});

describe('the team of a viewer', () => {
  it('is read, with what the role may and who can change it', async () => {
    await renderScreen(Team, { answers: { ...answers(), Viewer: () => ({ viewer: { user: BEN.user, name: 'Ben', businesses: [] } }) }, business: { ...BUSINESS, viewerRole: 'VIEWER' } });
    expect(await screen.findByText(/You are a viewer of Demo shop: this role sees every figure and changes nothing. An owner can change it./)).toBeVisible();
    expect(await screen.findByText('Ben (you)')).toBeVisible();
    expect(screen.queryByRole('combobox')).toBeNull();
    expect(screen.queryByLabelText('E-mail')).toBeNull();
    expect(screen.getByRole('button', { name: 'Leave…' })).toBeVisible();
    expect(screen.queryByRole('button', { name: 'Require it of every member' })).toBeNull();
  });
});
