import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { diffRows } from '../../../renderer/features/diff/diff-rows.ts';
import { filePatches, patchRows } from '../../../renderer/features/diff/patch-rows.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'patch-rows-'));
  git('init', '-q');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function git(...args: string[]): string {
  const who = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];
  return execFileSync('git', ['-C', folder, ...who, ...args], { encoding: 'utf8' });
}

function commit(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  git('add', '-A');
  git('commit', '-q', '-m', 'x');
}

/** What git itself says of the last commit. */
const patch = (...options: string[]): string => git('diff', ...options, 'HEAD~1', 'HEAD');

describe('a patch of git', () => {
  test('is found by file, whatever its name holds', () => {
    const names = [
      'plain.ts',
      'with space.ts',
      'ünï.ts',
      'quo"te.ts',
      'a b/b a/+++ x.ts',
      'bin.dat',
    ];
    commit(Object.fromEntries(names.map((name) => [name, `one ${name}\n`])));
    commit(Object.fromEntries(names.map((name) => [name, `two ${name}\n`])));
    for (const options of [[], ['-c', 'core.quotePath=false']])
      expect([...filePatches(git(...options, 'diff', 'HEAD~1', 'HEAD')).keys()].sort()).toEqual(
        [...names].sort(),
      );
  });

  test('names what was added, deleted, renamed, emptied or binary', () => {
    commit({
      'gone.ts': 'a\n',
      'old.ts': 'same\nlines\nhere\n',
      'pic.png': '\u0000a',
      'm o d': 'x',
    });
    rmSync(join(folder, 'gone.ts'));
    rmSync(join(folder, 'old.ts'));
    execFileSync('chmod', ['+x', join(folder, 'm o d')]);
    commit({
      'new.ts': 'same\nlines\nhere\n',
      'empty.ts': '',
      'pic.png': '\u0000b',
      'added.ts': 'n\n',
    });
    expect([...filePatches(patch('-M')).keys()].sort()).toEqual(
      ['added.ts', 'empty.ts', 'gone.ts', 'm o d', 'new.ts', 'pic.png'].sort(),
    );
  });

  test('has the same lines, numbers and signs as the difference of both texts', () => {
    const before = 'one\n-- two\n+++ three\nfour\n@@ five\n';
    const after = 'one\n++ 2\n+++ three\n--- 4\n@@ five\n@@ -1 +1 @@';
    commit({ 'a.ts': before });
    commit({ 'a.ts': after });
    const part = filePatches(patch()).get('a.ts') ?? '';
    const shape = ({ rows, plus, minus }: ReturnType<typeof patchRows>) => ({
      plus,
      minus,
      rows: rows.filter(({ kind }) => kind !== 'noNewline'),
    });
    expect(shape(patchRows(part))).toEqual(shape(diffRows(before, after)));
    expect(patchRows(part).rows.at(-1)).toEqual({ kind: 'noNewline', side: 'new' });
  });

  test('says where lines are left out, and in what they lie', () => {
    const lines = Array.from({ length: 60 }, (_, i) => `line ${i + 1}`);
    commit({ 'a.ts': `${lines.join('\n')}\n` });
    commit({ 'a.ts': `${lines.with(4, 'five').with(49, 'fifty').join('\n')}\n` });
    const { rows, plus, minus } = patchRows(filePatches(patch()).get('a.ts') ?? '');
    const gaps = rows.flatMap((row, i) => (row.kind === 'gap' ? [i] : []));
    expect({ plus, minus, gaps: gaps.length, first: rows[0], second: rows[gaps[1] ?? 0] }).toEqual({
      plus: 2,
      minus: 2,
      gaps: 2,
      first: { kind: 'gap', at: 'line 1' },
      second: { kind: 'gap', at: expect.any(String) },
    });
    expect(rows.find((row) => row.kind === 'plus' && row.text === 'fifty')).toEqual({
      kind: 'plus',
      newNo: 50,
      text: 'fifty',
    });
  });

  test('that was cut in the middle shows what there is', () => {
    commit({ 'a.ts': 'x\n' });
    commit({ 'a.ts': Array.from({ length: 100 }, (_, i) => `line ${i}`).join('\n') });
    const whole = patch();
    const { plus } = patchRows(filePatches(whole.slice(0, whole.length / 2)).get('a.ts') ?? '');
    expect(plus).toBeGreaterThan(10);
    expect(filePatches('')).toEqual(new Map());
    expect(patchRows('')).toEqual({ rows: [], plus: 0, minus: 0 });
  });
});
