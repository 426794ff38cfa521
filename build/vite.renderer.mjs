// The desktop window. Relative base: the same files are loaded from the app's own scheme, from
// the asar archive and from the host's loopback port.
import { dirname, join } from 'node:path';
import react from '@vitejs/plugin-react';
import { root } from './programs.mjs';

/** @returns {import('vite').InlineConfig} */
export function rendererConfig(program, outDir) {
  return {
    configFile: false,
    root: join(root, dirname(program.entry)),
    base: './',
    mode: 'production',
    logLevel: 'warn',
    plugins: [react()],
    publicDir: false,
    build: {
      target: 'chrome130',
      outDir,
      emptyOutDir: true,
      sourcemap: true,
      reportCompressedSize: false,
      // Languages and themes of the highlighter load on demand and may be large.
      chunkSizeWarningLimit: 4_000,
      // The window's policy allows no inline script and no data: script.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
  };
}
