// The program as its owner starts it, and a browser beside it.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { newPage } from './person.mjs';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** Starts `workdock demo` in a folder of its own, with nothing but the demo business at work; `link` signs in once, `simulator` is where providers are simulated, and letters are written into `data`. */
export async function startDemo(more = {}) {
  const place = await mkdtemp(join(tmpdir(), 'workdock-browser-'));
  const data = join(place, 'data');
  // Two years of history are written once for all files (company.mjs). Folders of PostgreSQL keep their owner.
  if (process.env.DEMO_COMPANY) await promisify(execFile)('cp', ['-a', `${process.env.DEMO_COMPANY}/.`, place]);
  const port = await freePort();
  // By name: passkeys belong to one.
  const base = `http://localhost:${port}`;
  const env = { ...process.env, WORKDOCK_KEYS__FOLDER: join(place, 'keys'), WORKDOCK_IDENTITY__BASE_URL: base, ...more };
  const start = () => run(['--data', data, 'demo', '--port', String(port), '--no-open', '--rate', '240', '--unconnected'], env);
  let now = await start();
  const { pathname, search } = new URL(now.link);
  const end = async () => {
    now.child.kill('SIGINT');
    await now.ended;
  };
  const stop = async () => {
    await end();
    await rm(place, { recursive: true, force: true });
  };
  /** As when the machine goes: nobody is told. */
  const kill = async () => {
    now.child.kill('SIGKILL');
    await now.ended;
  };
  const startAgain = async () => {
    now = await start();
  };
  return { link: `${base}${pathname}${search}`, simulator: now.simulator, base, place, data, env, end, stop, kill, startAgain };
}

/** What it prints when it is up, the last one last. */
const SAID = { simulator: 'Simulated providers to connect to: ', link: 'Sign in: ' };

/** The program, a browser, and in it the page of the demo business, its owner signed in. */
export async function openDemo(faults) {
  const demo = await startDemo();
  let browser;
  try {
    browser = await startBrowser();
    const page = await newPage(browser, faults);
    await page.goto(demo.link);
    await page.waitForURL('**/b/**');
    await page.getByText('This month against last year').waitFor();
    return { demo, browser, page, home: page.url() };
  } catch (error) {
    await browser?.close();
    await demo.stop();
    throw error;
  }
}

/** A program that is up: it has printed where to sign in. */
async function run(arguments_, env) {
  const child = spawn(process.env.WORKDOCK, arguments_, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((done) => child.once('exit', done));
  const said = {};
  await new Promise((found, failed) => {
    ended.then((code) => failed(new Error(`workdock demo ended with ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      for (const [name, words] of Object.entries(SAID)) if (line.startsWith(words)) said[name] = line.slice(words.length).trim();
      if (said.link) found();
    });
  });
  return { child, ended, ...said };
}

/** What `workdock audit verify` says of a file that was downloaded. */
export async function verified(path) {
  const { stdout } = await promisify(execFile)(process.env.WORKDOCK, ['audit', 'verify', '--json', path]);
  return JSON.parse(stdout);
}

export function startBrowser() {
  // Whatever the locale of whoever runs this: without one that knows UTF-8 it names no file after its letters.
  const env = { ...process.env, LC_ALL: 'C.UTF-8' };
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS, env });
}
