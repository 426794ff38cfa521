// Writes docs/crash-matrix.md from the data that the tests run; with --check it fails when it is stale.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadTypeScript } from './load-typescript.mjs';
import { root } from './programs.mjs';

const file = join(root, 'docs', 'crash-matrix.md');
const { module, close } = await loadTypeScript(
  join(root, 'tests', 'integration', 'crash-matrix', 'page.ts'),
);
const page = module.crashMatrixPage();
await close();
if (!process.argv.includes('--check')) writeFileSync(file, page);
else if (readFileSync(file, 'utf8') !== page) {
  process.stderr.write('docs/crash-matrix.md is stale: run node build/crash-matrix.mjs\n');
  process.exitCode = 1;
}
