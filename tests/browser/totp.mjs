// Codes of an authenticator app (RFC 6238), in the order in which a server takes them: each step once.
import { createHmac } from 'node:crypto';

const STEP_MS = 30_000;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function secretOf(base32) {
  const bits = [...base32.replace(/[\s=]/g, '').toUpperCase()].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
}

export class Authenticator {
  #secret;
  #last = 0;

  constructor(base32) {
    this.#secret = secretOf(base32);
  }

  /** A code that was not shown before: of the step before, of now or of the next, and otherwise one waits. */
  async code() {
    for (;;) {
      const now = Math.floor(Date.now() / STEP_MS);
      const step = Math.max(this.#last + 1, now - 1);
      if (step <= now + 1) {
        this.#last = step;
        return this.#of(step);
      }
      await new Promise((done) => setTimeout(done, 500));
    }
  }

  #of(step) {
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(step));
    const mac = createHmac('sha1', this.#secret).update(counter).digest();
    const offset = mac.at(-1) & 15;
    return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
  }
}
