// Keeper, host, relay, CLI and demo agent: one ES module each, so that a program is one file to copy,
// sign and start. Only libsql stays outside, because it loads a binary of its platform.
import { basename, dirname, join } from 'node:path';
import { root } from './programs.mjs';

/** @returns {import('vite').InlineConfig} */
export function nodeConfig(program, outDir) {
  return {
    configFile: false,
    root,
    logLevel: 'warn',
    define: { 'process.env.NODE_ENV': '"production"' },
    ssr: { target: 'node', noExternal: true, external: ['libsql'] },
    build: {
      ssr: join(root, program.entry),
      target: 'node20',
      outDir,
      emptyOutDir: true,
      sourcemap: true,
      minify: false,
      copyPublicDir: false,
      reportCompressedSize: false,
      rolldownOptions: {
        platform: 'node',
        external: ['libsql', /^node:/],
        output: { format: 'esm', codeSplitting: false, entryFileNames: basename(program.out) },
      },
    },
    publicDir: false,
    cacheDir: join(root, 'node_modules/.vite', dirname(program.entry)),
  };
}
