/** Passkeys (WebAuthn level 2): the browser wants bytes where the server writes base64url. */
import { Refusal } from '@/shared/api/problem';

/** A passkey belongs to a name; an address that is a number has none. */
const isNamed = (host: string): boolean => !/^[\d.]+$|^\[/.test(host);

export const hasPasskeys = (): boolean => 'PublicKeyCredential' in window && 'credentials' in navigator && isNamed(window.location.hostname);

interface Described {
  id: string;
  type: 'public-key';
  transports?: AuthenticatorTransport[];
}
interface CreationJson extends Omit<PublicKeyCredentialCreationOptions, 'challenge' | 'user' | 'excludeCredentials'> {
  challenge: string;
  user: { id: string; name: string; displayName: string };
  excludeCredentials?: Described[];
}
interface RequestJson extends Omit<PublicKeyCredentialRequestOptions, 'challenge' | 'allowCredentials'> {
  challenge: string;
  allowCredentials?: Described[];
}

export function toBytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

export function toText(bytes: ArrayBuffer): string {
  const plain = String.fromCharCode(...new Uint8Array(bytes));
  return btoa(plain).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

const described = (list: Described[] | undefined) => (list ?? []).map((one) => ({ ...one, id: toBytes(one.id) }));

/** The options stand in `publicKey`, as the specification's JSON has them. */
const optionsOf = <T>(answer: unknown): T => ((answer as { publicKey?: T }).publicKey ?? answer) as T;

/** Closed, timed out, or no passkey fits: the browser does not tell which. */
function stopped(error: unknown): never {
  const name = error instanceof Error ? error.name : '';
  if (name === 'InvalidStateError') throw new Refusal({ kind: 'refused', text: 'This device holds a passkey for this account already.' });
  if (name === 'NotAllowedError' || name === 'AbortError') throw new Refusal({ kind: 'refused', text: 'No passkey was used: it was cancelled, or none fits.' });
  throw new Refusal({ kind: 'refused', text: `The browser refused the passkey${error instanceof Error ? `: ${error.message}` : ''}.` });
}

export async function createPasskey(answer: unknown): Promise<unknown> {
  const options = optionsOf<CreationJson>(answer);
  const publicKey: PublicKeyCredentialCreationOptions = {
    ...options,
    challenge: toBytes(options.challenge),
    user: { ...options.user, id: toBytes(options.user.id) },
    excludeCredentials: described(options.excludeCredentials),
  };
  const made = (await navigator.credentials.create({ publicKey }).catch(stopped)) as PublicKeyCredential | null;
  if (!made) return stopped(new DOMException('', 'NotAllowedError'));
  const response = made.response as AuthenticatorAttestationResponse;
  return {
    id: made.id,
    rawId: toText(made.rawId),
    type: made.type,
    extensions: made.getClientExtensionResults(),
    response: {
      attestationObject: toText(response.attestationObject),
      clientDataJSON: toText(response.clientDataJSON),
      transports: response.getTransports?.() ?? [],
    },
  };
}

export async function provePasskey(answer: unknown): Promise<unknown> {
  const options = optionsOf<RequestJson>(answer);
  const publicKey: PublicKeyCredentialRequestOptions = {
    ...options,
    challenge: toBytes(options.challenge),
    allowCredentials: described(options.allowCredentials),
  };
  const given = (await navigator.credentials.get({ publicKey }).catch(stopped)) as PublicKeyCredential | null;
  if (!given) return stopped(new DOMException('', 'NotAllowedError'));
  const response = given.response as AuthenticatorAssertionResponse;
  return {
    id: given.id,
    rawId: toText(given.rawId),
    type: given.type,
    extensions: given.getClientExtensionResults(),
    response: {
      authenticatorData: toText(response.authenticatorData),
      clientDataJSON: toText(response.clientDataJSON),
      signature: toText(response.signature),
      userHandle: response.userHandle ? toText(response.userHandle) : null,
    },
  };
}
