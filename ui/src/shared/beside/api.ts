/** Files are sent as they are; everything else of them goes over GraphQL. */
import { callWithFile } from '@/shared/api/http';

export interface Of {
  business: string;
  account: string;
  transaction: string;
}

export interface AttachedAnswer {
  id: string;
  position: number;
  name: string;
}

/** What the server takes; it looks at the file itself. */
export const ACCEPT = '.pdf,.png,.jpg,.jpeg,.webp,.txt,.csv,application/pdf,image/png,image/jpeg,image/webp,text/plain,text/csv';

const KNOWN = new Set(['application/pdf', 'image/png', 'image/jpeg', 'image/webp', 'text/plain', 'text/csv']);

export const sendFile = ({ business, account, transaction }: Of, file: File): Promise<AttachedAnswer> =>
  callWithFile(
    'POST',
    `/api/v1/businesses/${business}/accounts/${account}/transactions/${transaction}/attachments?name=${encodeURIComponent(file.name)}`,
    // What a system calls a file by its ending is no lie of its owner: the server decides then.
    new Blob([file], { type: KNOWN.has(file.type) ? file.type : 'application/octet-stream' }),
  );

export const addressOf = (business: string, id: string): string => `/api/v1/businesses/${business}/attachments/${id}`;

/** What a provider answered, as it came. */
export const payloadAddress = (business: string, hash: string): string => `/api/v1/businesses/${business}/payloads/${hash}`;

/** "48 kB": decimal, as file managers show it. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  const [value, unit] = bytes < 1_000_000 ? [bytes / 1000, 'kB'] : [bytes / 1_000_000, 'MB'];
  return `${value.toLocaleString(undefined, { maximumFractionDigits: value < 10 ? 1 : 0 })} ${unit}`;
}
