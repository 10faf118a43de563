// The program as its owner starts it, and a browser beside it.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts `workdock demo` in a folder of its own; `link` signs in once. */
export async function startDemo() {
  const place = await mkdtemp(join(tmpdir(), 'workdock-browser-'));
  const data = join(place, 'data');
  const env = { ...process.env, WORKDOCK_KEYS__FOLDER: join(place, 'keys') };
  const arguments_ = ['--data', data, 'demo', '--port', '0', '--no-open', '--rate', '240'];
  const child = spawn(process.env.WORKDOCK, arguments_, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((done) => child.once('exit', done));
  const link = await new Promise((found, failed) => {
    ended.then((code) => failed(new Error(`workdock demo ended with ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('Sign in: ')) found(line.slice('Sign in: '.length).trim());
    });
  });
  const stop = async () => {
    child.kill('SIGINT');
    await ended;
    await rm(place, { recursive: true, force: true });
  };
  return { link, base: new URL(link).origin, stop };
}

export function startBrowser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
}
