// Writes the demo company once, and runs a command whose tests each go on from a copy of it: node company.mjs COMMAND…
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { startDemo } from './program.mjs';

const company = await startDemo();
await company.end();
const [command, ...arguments_] = process.argv.slice(2);
const tests = spawn(command, arguments_, { stdio: 'inherit', env: { ...process.env, DEMO_COMPANY: company.place } });
const [code, signal] = await once(tests, 'exit');
await rm(company.place, { recursive: true, force: true });
process.exit(signal ? 1 : code);
