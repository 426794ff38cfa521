// The shell's two files. CommonJS: a sandboxed preload can be nothing else, and for main it
// means one synchronous start without the ESM loader.
import { join } from 'node:path';
import { basename } from 'node:path';
import { root } from './programs.mjs';

/** @returns {import('vite').InlineConfig} */
export function electronConfig(program, outDir) {
  return {
    configFile: false,
    root,
    logLevel: 'warn',
    define: { 'process.env.NODE_ENV': '"production"' },
    ssr: { target: 'node', noExternal: true, external: ['electron', 'libsql'] },
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
        external: ['electron', 'libsql', /^node:/],
        output: { format: 'cjs', codeSplitting: false, entryFileNames: basename(program.out) },
      },
    },
    publicDir: false,
  };
}
