import type { SignIn } from '@/shared/identity/api';

const REASONS: Record<string, string> = {
  wrong_password: 'wrong password',
  wrong_code: 'wrong code',
  expired: 'code or link had run out',
  locked: 'locked at that time',
  unverified: 'address not confirmed',
};

const FACTORS: Record<string, string> = {
  password: 'password',
  totp: 'code from the app',
  recovery_code: 'recovery code',
  passkey: 'passkey',
  one_time_link: 'printed link',
};

/** "Signed in: password and code from the app". */
export function resultOf({ result, factors, reason }: SignIn): string {
  if (result === 'LOCKED_OUT') return 'Locked after too many failures';
  if (result === 'FAILED') return `Failed: ${(reason && REASONS[reason]) ?? 'refused'}`;
  const shown = factors.map((factor) => FACTORS[factor] ?? factor).join(' and ');
  return shown ? `Signed in: ${shown}` : 'Signed in';
}
