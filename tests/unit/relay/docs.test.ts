import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { flagOf, OPTIONS } from '../../../src/relay/settings/table.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const page = readFileSync(join(root, 'docs', 'relay.md'), 'utf8');
/** Of programs that are not ours. */
const OTHERS = ['bg', 'build', 'no-deps'];

test('every option that the page names is one, and the limits are all there', () => {
  const options = [...Object.keys(OPTIONS).map(flagOf), 'config', 'help'];
  const named = new Set([...page.matchAll(/--([a-z][a-z-]+)/g)].map(([, name = '']) => name));
  const strange = [...named].filter((name) => !options.includes(name) && !OTHERS.includes(name));
  const untold = options
    .filter((name) => /^(?:max|mail|notes)-|per-second$/.test(name))
    .filter((name) => !named.has(name));
  expect([strange, untold]).toEqual([[], []]);
});

test('every limit of the page says which test holds it, and that test is there', () => {
  const table = page.slice(page.indexOf('| what | default | option | test |'));
  const rows = table
    .slice(0, table.indexOf('\n\n'))
    .split('\n')
    .slice(2)
    .map((row) => row.split('|').map((cell) => cell.trim()));
  const missing = rows.flatMap(([, what = '', , , tests = '']) => {
    const names = [...tests.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
    const paths = names.map((name) =>
      name.startsWith('tests/') ? name : join('tests/unit/relay', name),
    );
    const isThere = (path: string): boolean =>
      existsSync(join(root, path)) || existsSync(join(root, `${path}.test.ts`));
    return names.length > 0 && paths.every(isThere) ? [] : [what];
  });
  expect([rows.length > 20, missing]).toEqual([true, []]);
});
