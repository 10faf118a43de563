// What a first visit of Home loads before the first chart, compressed, against the budget; fails above it.
// Reads Vite's manifest, so it counts exactly the files that the page asks for.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const BUDGET = 200 * 1024;
const dist = fileURLToPath(new URL('../dist', import.meta.url));
const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'));

/** An entry with everything that it imports statically, and their style sheets. */
function closure(keys) {
  const files = new Set();
  const seen = new Set();
  const visit = (key) => {
    if (seen.has(key)) return;
    seen.add(key);
    const chunk = manifest[key];
    files.add(chunk.file);
    for (const css of chunk.css ?? []) files.add(css);
    for (const next of chunk.imports ?? []) visit(next);
  };
  for (const key of keys) visit(key);
  return files;
}

function weigh(files) {
  let raw = 0;
  let gzip = 0;
  let brotli = 0;
  for (const file of files) {
    const bytes = readFileSync(join(dist, file));
    raw += bytes.length;
    gzip += gzipSync(bytes, { level: 9 }).length;
    brotli += brotliCompressSync(bytes).length;
  }
  return { raw, gzip, brotli };
}

const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`;
const show = (name, { raw, gzip, brotli }) =>
  console.log(`${name.padEnd(34)} raw ${kib(raw).padStart(10)}   gzip ${kib(gzip).padStart(10)}   brotli ${kib(brotli).padStart(10)}`);

// The page names what it loads; Home is part of it, so that its first view waits for nothing else.
const html = readFileSync(join(dist, 'index.html'), 'utf8');
const named = new Set([...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g)].map((match) => match[1]));
const home = Object.keys(manifest).filter((key) => key.endsWith('features/home/home.tsx'));
const started = Object.keys(manifest).filter((key) => named.has(manifest[key].file));
const first = new Set([...named, ...closure([...started, ...home])]);
const initial = weigh(first);
show('first view of Home (JS + CSS)', initial);
for (const [key, chunk] of Object.entries(manifest)) {
  if (!chunk.isDynamicEntry || home.includes(key)) continue;
  const more = [...closure([key])].filter((file) => !first.has(file));
  show(`  + ${key.replace('src/', '').replace(/\.tsx?$/, '')}`, weigh(more));
}
if (initial.gzip > BUDGET) {
  console.error(`The first view is above ${kib(BUDGET)}.`);
  process.exit(1);
}
