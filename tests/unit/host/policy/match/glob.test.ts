import fc from 'fast-check';
import picomatch from 'picomatch';
import { expect, test } from 'vitest';
import { compileGlob } from '../../../../../src/host/policy/match/glob.ts';

const matches = (glob: string, path: string): boolean | null =>
  compileGlob(glob, false)?.matches(path.split('/')) ?? null;

test('globs mean what they mean everywhere', () => {
  const part = fc.constantFrom('a', 'b', 'ab', 'a.ts', '.a', 'x-y');
  const piece = fc.constantFrom(
    'a',
    'b',
    'ab',
    '*',
    '?',
    'a*',
    '*.ts',
    '[ab]',
    '[a-z]',
    '{a,b}',
    '{a,ab}*',
    '.a',
    '[^a]b',
  );
  const glob = fc.array(fc.oneof(piece, fc.constant('**')), { minLength: 1, maxLength: 4 });
  const path = fc.array(part, { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(glob, path, (pieces, parts) => {
      const written = pieces
        .filter((each, at) => each !== '**' || pieces[at - 1] !== '**')
        .join('/');
      // Of `x*/**` picomatch says that it does not mean `xy` itself, of `x/**` that it means `x`.
      if (pieces.at(-1) === '**') return;
      const theirs = picomatch.isMatch(parts.join('/'), written, { dot: true, noextglob: true });
      expect([written, parts.join('/'), matches(written, parts.join('/'))]).toEqual([
        written,
        parts.join('/'),
        theirs,
      ]);
    }),
    { numRuns: 3_000 },
  );
});

test('what is escaped stands for itself, and what cannot be read is no glob', () => {
  expect([
    matches('a\\*b', 'a*b'),
    matches('a\\*b', 'axb'),
    matches('a/**', 'a'),
    matches('a/**', 'a/b/c'),
    matches('a/**', 'ab'),
    matches('{a,{b,c}}/x', 'c/x'),
    matches('{a', 'a'),
    matches('a}', 'a'),
    matches('[a', 'a'),
    matches('a\\', 'a'),
    matches('{a,b}'.repeat(12), 'a'),
  ]).toEqual([true, false, true, true, false, true, null, null, null, null, null]);
});

test('no glob takes long, however it was made', () => {
  const glob = compileGlob(`${'*a'.repeat(200)}b/${'**/a*/'.repeat(50)}x`, false);
  const path = ['a'.repeat(4_000), ...Array.from({ length: 500 }, () => 'a')];
  const started = performance.now();
  expect(glob?.matches(path)).toBe(false);
  expect(performance.now() - started).toBeLessThan(2_000);
});
