import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const dist = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'dist');

function bundle(...path: string[]): { text: string; bytes: number; requires: string[] } {
  const text = readFileSync(join(dist, ...path), 'utf8');
  const requires = [...text.matchAll(/\brequire\("([^"]+)"\)/g)].map((match) => String(match[1]));
  return { text, bytes: text.length, requires: [...new Set(requires)].toSorted() };
}

test('what lights the lamp is small, and loads nothing but Electron and Node', () => {
  const { bytes, requires } = bundle('main', 'main.cjs');
  expect(bytes).toBeLessThan(32 * 1024);
  expect(requires).toEqual(['electron', 'node:crypto', 'node:fs', 'node:os', 'node:path']);
});

test('the preload is a few lines and can run in a sandbox', () => {
  const { bytes, requires } = bundle('preload', 'preload.cjs');
  expect(bytes).toBeLessThan(4 * 1024);
  expect(requires).toEqual(['electron']);
});

/** Electron, Node, and what ajv's code generator would write into files of its own. */
const OURS = /^(electron$|node:|ajv)/;

test('shell and desktop load nothing that is not part of them', () => {
  for (const name of ['shell', 'desktop'])
    expect(bundle(name, `${name}.cjs`).requires.filter((id) => !OURS.test(id))).toEqual([]);
});

test('the window is built as people get it, also where a test built it', () => {
  const page = readFileSync(join(dist, 'renderer', 'desktop', 'index.html'), 'utf8');
  const script = /src="\.\/(assets\/[^"]+\.js)"/.exec(page)?.[1] ?? '';
  // React's development build is several times slower; its advice to developers gives it away.
  expect(bundle('renderer', 'desktop', script).text).not.toContain('unique "key" prop');
});
