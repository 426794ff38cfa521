import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { crashMatrixPage } from '../../integration/crash-matrix/page.ts';

test('docs/crash-matrix.md says what the matrix of the tests says', () => {
  const file = join(import.meta.dirname, '..', '..', '..', 'docs', 'crash-matrix.md');
  expect(readFileSync(file, 'utf8'), 'run node build/crash-matrix.mjs').toBe(crashMatrixPage());
});
