import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Where the development server finds a running `workdock up`. */
const server = process.env['WORKDOCK_URL'] ?? 'http://127.0.0.1:8080';
const proxy = { target: server, ws: true };

export default defineConfig({
  plugins: [react()],
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
          groups: [{ name: 'first', test: /src\/(main|app\/|features\/(home|time-controls)\/)/ }],
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
