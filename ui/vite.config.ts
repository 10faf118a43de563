import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import type { HtmlTagDescriptor, Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** Where the development server finds a running `workdock up`. */
const server = process.env['WORKDOCK_URL'] ?? 'http://127.0.0.1:8080';
const proxy = { target: server, ws: true };

/**
 * The page loads one small script that asks the server and then imports the rest. What it imports is named in the
 * page as well, so that it is on its way from the first moment and no round trip is lost by that.
 */
const firstIsNamed: Plugin = {
  name: 'first-is-named',
  transformIndexHtml: {
    order: 'post',
    handler(_html, { bundle }): HtmlTagDescriptor[] {
      const chunks = Object.values(bundle ?? {}).filter((one) => one.type === 'chunk');
      const isMain = (id: string | null) => id?.endsWith('/src/main.tsx') ?? false;
      const first = chunks.filter((chunk) => isMain(chunk.facadeModuleId) || chunk.moduleIds.some(isMain));
      const scripts = new Set(first.flatMap((chunk) => [chunk.fileName, ...chunk.imports]));
      const styles = new Set(first.flatMap((chunk) => [...(chunk.viteMetadata?.importedCss ?? [])]));
      const link = (rel: string, file: string): HtmlTagDescriptor => ({ tag: 'link', attrs: { rel, crossorigin: true, href: `/${file}` }, injectTo: 'head' });
      return [...[...styles].map((file) => link('stylesheet', file)), ...[...scripts].map((file) => link('modulepreload', file))];
    },
  },
};

/** Texts of the page, packed once and as small as can be, beside the plain files: packing each time would have to be quick. */
const packed: Plugin = {
  name: 'packed',
  apply: 'build',
  writeBundle({ dir = 'dist' }) {
    const texts = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(js|css|svg|html)$/.test(name));
    for (const name of texts) {
      const plain = readFileSync(join(dir, name));
      const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length };
      const small = brotliCompressSync(plain, { params });
      if (small.length < plain.length) writeFileSync(join(dir, `${name}.br`), small);
    }
  },
};

export default defineConfig({
  plugins: [react(), firstIsNamed, packed],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: { proxy: { '/graphql': proxy, '/api': proxy, '/health': proxy } },
  build: {
    target: 'es2022',
    // The page is served under a strict Content-Security-Policy: nothing may be inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
    // ECharts alone is this large; it is loaded after the first figures, and `npm run size` guards the rest.
    chunkSizeWarningLimit: 600,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // What the first view of Home needs is one file: over HTTP/1.1 twenty small ones take turns.
          // What asks the server stands before it, small enough to run while the rest arrives.
          groups: [
            { name: 'early', priority: 1, test: /src\/(early|shared\/(view\/(resolve|search)|time\/(period|days)|api\/early|graphql\/(business|summary)\.graphql))/ },
            { name: 'first', test: /src\/(main|app\/|features\/(home|time-controls)\/)/ },
          ],
        },
      },
    },
  },
  test: {
    environment: 'jsdom',
    setupFiles: ['./src/testing/setup.ts'],
    restoreMocks: true,
  },
});
