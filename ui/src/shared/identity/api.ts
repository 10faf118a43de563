/** The routes of identity: who somebody is, and how they prove it. */
import { call, readFile } from '@/shared/api/http';
import { saveBlob } from '@/shared/ui/save-file';

const PATH = '/api/v1/identity';

export interface SignInStep {
  next: 'DONE' | 'SECOND_FACTOR';
  methods?: Method[];
}
export type Method = 'TOTP' | 'RECOVERY_CODE' | 'PASSKEY';

export interface Profile {
  /** Null: the owner of the installation, who signs in by printed links and has no account. */
  id: string | null;
  name: string;
  email: string | null;
}

/** Where an address is; only `WORLD` has a city or a country, and at least one of both. */
export interface Place {
  kind: 'THIS_MACHINE' | 'LOCAL_NETWORK' | 'WORLD';
  city?: string | null;
  /** ISO 3166-1, two letters. */
  country?: string | null;
}

export interface Session {
  id: string;
  agent?: string | null;
  address?: string | null;
  place?: Place | null;
  createdAt: string;
  lastUsedAt: string;
  current: boolean;
}

/** One try to sign in to this account. */
export interface SignIn {
  at: string;
  result: 'SIGNED_IN' | 'FAILED' | 'LOCKED_OUT';
  factors: string[];
  reason?: string | null;
  address?: string | null;
  place?: Place | null;
  agent?: string | null;
}

export interface Passkey {
  id: string;
  name: string;
  createdAt: string;
  lastUsedAt?: string | null;
}

export interface Factors {
  totp: boolean;
  recoveryCodesLeft: number;
  passkeys: Passkey[];
}

export interface TotpStart {
  secret: string;
  uri: string;
  qrSvg: string;
}

const open = { open: true } as const;

export const register = (body: { email: string; password: string; name: string }) => call('POST', `${PATH}/register`, { body, ...open });
export const verifyEmail = (token: string) => call('POST', `${PATH}/verify-email`, { body: { token }, ...open });
export const signInByPassword = (email: string, password: string) =>
  call<SignInStep>('POST', `${PATH}/sign-in`, { body: { email, password }, ...open });
export const signInBySecondFactor = (method: 'TOTP' | 'RECOVERY_CODE', code: string) =>
  call<SignInStep>('POST', `${PATH}/sign-in/second-factor`, { body: { method, code }, ...open });
/** The device offers its own accounts, so none is named. */
export const startPasskeySignIn = () => call<unknown>('POST', `${PATH}/sign-in/passkey/start`, open);
export const finishPasskeySignIn = (credential: unknown) =>
  call<SignInStep>('POST', `${PATH}/sign-in/passkey/finish`, { body: credential, ...open });
export const forgotPassword = (email: string) => call('POST', `${PATH}/forgot-password`, { body: { email }, ...open });
export const resetPassword = (token: string, password: string) => call('POST', `${PATH}/reset-password`, { body: { token, password }, ...open });
export const unlock = (token: string) => call('POST', `${PATH}/unlock`, { body: { token }, ...open });
export const confirmEmail = (token: string) => call('POST', `${PATH}/email/confirm`, { body: { token }, ...open });

export const readProfile = () => call<Profile>('GET', `${PATH}/profile`);
export const changeName = (name: string) => call('PATCH', `${PATH}/profile`, { body: { name } });
export const changeEmail = (email: string, password: string) => call('POST', `${PATH}/email`, { body: { email, password } });
export const changePassword = (current: string, next: string) => call('POST', `${PATH}/password`, { body: { current, new: next } });

export const readSessions = () => call<Session[]>('GET', `${PATH}/sessions`);
export const readSignIns = async () => (await call<{ signIns: SignIn[] }>('GET', `${PATH}/sign-ins`)).signIns;
export const endSession = (id: string) => call('DELETE', `${PATH}/sessions/${id}`);

export const confirm = (body: { password: string } | { code: string }) => call('POST', `${PATH}/confirm`, { body });

export const startPasskeyConfirmation = () => call<unknown>('POST', `${PATH}/confirm/passkey/start`);
export const finishPasskeyConfirmation = (credential: unknown) => call('POST', `${PATH}/confirm/passkey/finish`, { body: credential });

export const readFactors = () => call<Factors>('GET', `${PATH}/factors`);
export const startTotp = () => call<TotpStart>('POST', `${PATH}/factors/totp/start`);
export const confirmTotp = (code: string) => call<{ recoveryCodes: string[] }>('POST', `${PATH}/factors/totp/confirm`, { body: { code } });
export const removeTotp = () => call('DELETE', `${PATH}/factors/totp`);
export const newRecoveryCodes = () => call<{ recoveryCodes: string[] }>('POST', `${PATH}/factors/recovery-codes`);
export const startPasskey = (name: string) => call<unknown>('POST', `${PATH}/factors/passkeys/start`, { body: { name } });
export const finishPasskey = (credential: unknown) => call('POST', `${PATH}/factors/passkeys/finish`, { body: credential });
export const removePasskey = (id: string) => call('DELETE', `${PATH}/factors/passkeys/${id}`);

/** The end of an account: asked for, and taken back while there is time. */
export interface Leaving {
  requested_at: string | null;
  due_at: string | null;
  /** Businesses that would be left without an owner. */
  sole_owner_of: string[];
}

export const readLeaving = () => call<Leaving>('GET', `${PATH}/erasure`);
export const requestLeaving = (confirmation: string) => call<Leaving>('POST', `${PATH}/erasure`, { body: { confirmation } });
export const withdrawLeaving = () => call('DELETE', `${PATH}/erasure`);
export const savePersonalData = async () => saveBlob('workdock-personal-data.tar', await readFile(`${PATH}/export`));
