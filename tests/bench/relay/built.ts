import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..', '..');

/** A TypeScript file beside this one, bundled as the programs are, to be run by itself. */
export async function built(name: string): Promise<{ file: string; remove(): void }> {
  const vite = await import('vite');
  const outDir = mkdtempSync(join(root, 'dist', '.bench-end-'));
  await vite.build({
    configFile: false,
    root,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      ssr: join(import.meta.dirname, name),
      target: 'node20',
      outDir,
      minify: false,
      copyPublicDir: false,
      rolldownOptions: { output: { format: 'esm', entryFileNames: 'end.mjs' } },
    },
  });
  return {
    file: join(outDir, 'end.mjs'),
    remove: () => rmSync(outDir, { recursive: true, force: true }),
  };
}
