import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { renderPage } from '@/testing/page';
import { FakeServer, refusal } from '@/testing/server';
import { VerifyEmail } from './mail-link';
import { ForgotPassword, ResetPassword } from './password';
import { RegisterAccount } from './register';
import { SignIn } from './sign-in';

afterEach(() => vi.unstubAllGlobals());

async function typeCredentials() {
  await userEvent.type(await screen.findByLabelText('E-mail'), 'ada@example.org');
  await userEvent.type(screen.getByLabelText('Password'), 'a long enough one');
  await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
}

describe('signing in', () => {
  it('goes on where one was', async () => {
    const server = new FakeServer({ 'POST refresh': refusal(401, 'UNAUTHENTICATED', 'Over.'), 'POST sign-in': { body: { next: 'DONE' } } });
    const { href } = await renderPage(SignIn, '/sign-in?back=/account');
    expect(await screen.findByRole('heading', { name: 'Your session has ended' })).toBeVisible();
    expect(server.of('POST refresh')).toHaveLength(1);
    await typeCredentials();
    await waitFor(() => expect(href()).toBe('/account'));
    expect(server.of('POST sign-in')).toEqual([{ email: 'ada@example.org', password: 'a long enough one' }]);
  });

  it('asks nothing of whoever is signed in still', async () => {
    new FakeServer({ 'POST refresh': {} });
    const { href } = await renderPage(SignIn, '/sign-in?back=/account');
    await waitFor(() => expect(href()).toBe('/account'));
  });

  it('says what was refused, keeps what was typed, and is not taken for an ended session', async () => {
    new FakeServer({ 'POST sign-in': refusal(401, 'UNAUTHENTICATED', 'E-mail or password is wrong.') });
    await renderPage(SignIn, '/sign-in');
    await typeCredentials();
    expect(await screen.findByRole('alert')).toHaveTextContent('E-mail or password is wrong.');
    expect(screen.getByLabelText('E-mail')).toHaveValue('ada@example.org');
  });

  it('asks for the code of the app, or for a recovery code instead', async () => {
    const server = new FakeServer({
      'POST sign-in': { body: { next: 'SECOND_FACTOR', methods: ['TOTP', 'RECOVERY_CODE'] } },
      'POST sign-in/second-factor': [refusal(401, 'UNAUTHENTICATED', 'This code is not right.'), { body: { next: 'DONE' } }],
    });
    const { href } = await renderPage(SignIn, '/sign-in');
    await typeCredentials();
    await userEvent.type(await screen.findByLabelText('Code from the app'), '123 456');
    await userEvent.click(screen.getByRole('button', { name: 'Go on' }));
    expect(await screen.findByText('This code is not right.')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: /use a recovery code/ }));
    await userEvent.type(screen.getByLabelText('Recovery code'), 'abcd-efgh');
    await userEvent.click(screen.getByRole('button', { name: 'Go on' }));
    await waitFor(() => expect(href()).toBe('/'));
    expect(server.of('POST sign-in/second-factor')).toEqual([
      { method: 'TOTP', code: '123456' },
      { method: 'RECOVERY_CODE', code: 'abcd-efgh' },
    ]);
  });

  it('shows a password only while asked to', async () => {
    new FakeServer();
    await renderPage(SignIn, '/sign-in');
    expect(screen.getByLabelText('Password')).toHaveAttribute('type', 'password');
    await userEvent.click(screen.getByRole('button', { name: 'Show password' }));
    expect(screen.getByLabelText('Password')).toHaveAttribute('type', 'text');
  });
});

describe('an account', () => {
  it('says the same to a known and to an unknown address', async () => {
    const server = new FakeServer({ 'POST register': { status: 202 } });
    await renderPage(RegisterAccount, '/register?email=ada@example.org');
    await userEvent.type(screen.getByLabelText('Your name'), 'Ada');
    await userEvent.type(screen.getByLabelText('Password'), 'short');
    expect(screen.getByText('7 more characters.')).toBeVisible();
    await userEvent.type(screen.getByLabelText('Password'), ' but longer');
    await userEvent.click(screen.getByRole('button', { name: 'Send me the link' }));
    expect(await screen.findByRole('heading', { name: 'Look into your mail' })).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'send it again' }));
    await waitFor(() => expect(server.of('POST register')).toHaveLength(2));
    expect(server.of('POST register')[0]).toEqual({ name: 'Ada', email: 'ada@example.org', password: 'short but longer' });
  });

  it('spends the link of a mail once and takes it out of the address', async () => {
    const server = new FakeServer({ 'POST verify-email': {} });
    const { href } = await renderPage(VerifyEmail, '/verify-email?token=t0');
    expect(await screen.findByRole('heading', { name: 'Your address is confirmed' })).toBeVisible();
    expect(server.of('POST verify-email')).toEqual([{ token: 't0' }]);
    expect(href()).toBe('/verify-email');
  });

  it('tells a used link from a server that is away', async () => {
    const server = new FakeServer({ 'POST verify-email': [{ status: 503 }, refusal(400, 'INVALID', 'This link is used.')] });
    await renderPage(VerifyEmail, '/verify-email?token=t0');
    await userEvent.click(await screen.findByRole('button', { name: 'Try again' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('This link does not work any more');
    expect(server.of('POST verify-email')).toHaveLength(2);
  });
});

describe('a forgotten password', () => {
  it('is asked for by mail', async () => {
    new FakeServer({ 'POST forgot-password': { status: 202 } });
    await renderPage(ForgotPassword, '/forgot-password');
    await userEvent.type(screen.getByLabelText('E-mail'), 'ada@example.org');
    await userEvent.click(screen.getByRole('button', { name: 'Send me the link' }));
    expect(await screen.findByText(/has an account, a link to a new password went there/)).toBeVisible();
  });

  it('is set anew by its link', async () => {
    const server = new FakeServer({ 'POST reset-password': [refusal(422, 'REFUSED', 'This password is among the common ones.'), {}] });
    const { href } = await renderPage(ResetPassword, '/reset-password?token=t1');
    await waitFor(() => expect(href()).toBe('/reset-password'));
    await userEvent.type(screen.getByLabelText('New password'), 'password1234');
    await userEvent.click(screen.getByRole('button', { name: 'Change it' }));
    expect(await screen.findByText('This password is among the common ones.')).toBeVisible();
    await userEvent.type(screen.getByLabelText('New password'), ' and more');
    await userEvent.click(screen.getByRole('button', { name: 'Change it' }));
    expect(await screen.findByRole('heading', { name: 'The password is changed' })).toBeVisible();
    expect(server.of('POST reset-password')[1]).toEqual({ token: 't1', password: 'password1234 and more' });
  });
});
