// The letters that the program writes into its mail folder where no mail server is configured.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const PATIENCE = 30_000;

function decode(text) {
  const [head, ...rest] = text.replaceAll('\r\n', '\n').split('\n\n');
  const body = rest.join('\n\n');
  const encoding = /^content-transfer-encoding:\s*(\S+)/im.exec(head)?.[1]?.toLowerCase();
  if (encoding === 'base64') return { head, body: Buffer.from(body, 'base64').toString('utf8') };
  if (encoding !== 'quoted-printable') return { head, body };
  return { head, body: body.replace(/=\n/g, '').replace(/=([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))) };
}

export class Letters {
  #folder;
  #read = new Set();

  constructor(data) {
    this.#folder = join(data, 'mail');
  }

  /** The next letter to `address` with a link to `page` (as "verify-email"), each only once; its link. */
  async link(address, page) {
    return this.next(address, new RegExp(`https?://\\S+/${page}[?#]token=[\\w.~-]+`));
  }

  /** The next letter to `address` in which `pattern` stands, each only once; what matched. */
  async next(address, pattern) {
    for (const end = Date.now() + PATIENCE; Date.now() < end; await new Promise((done) => setTimeout(done, 200))) {
      const names = await readdir(this.#folder).catch(() => []);
      for (const name of names.filter((one) => one.endsWith('.eml') && !this.#read.has(one))) {
        const { head, body } = decode(await readFile(join(this.#folder, name), 'utf8'));
        const found = pattern.exec(body)?.[0];
        if (!found || !head.toLowerCase().includes(address.toLowerCase())) continue;
        this.#read.add(name);
        return found;
      }
    }
    throw new Error(`no letter to ${address} with ${pattern}`);
  }
}
