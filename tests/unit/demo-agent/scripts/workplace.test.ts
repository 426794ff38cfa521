import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FIRST_SOURCE, SOURCE } from '../../../../src/demo-agent/scripts/slugify.ts';
import { testCommand, textOf, workFolder } from '../../../../src/demo-agent/scripts/workplace.ts';

let cwd: string;
beforeEach(() => void (cwd = mkdtempSync(join(tmpdir(), 'demo-workplace-'))));
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

test('an empty folder is worked in', () => {
  expect(workFolder(cwd)).toBe(cwd);
});

test('an empty repository is worked in, also the second time', () => {
  mkdirSync(join(cwd, '.git'));
  const first = workFolder(cwd);
  writeFileSync(join(cwd, SOURCE), FIRST_SOURCE);
  expect([first, workFolder(cwd)]).toEqual([cwd, cwd]);
});

test('a repository with something in it gets a folder of its own for the demo', () => {
  mkdirSync(join(cwd, '.git'));
  writeFileSync(join(cwd, 'README.md'), 'mine');
  expect(workFolder(cwd)).toBe(join(cwd, 'porchlight-demo'));
});

test('a file of the same name that is not ours is never in the way of a write', () => {
  writeFileSync(join(cwd, SOURCE), 'mine');
  mkdirSync(join(cwd, 'porchlight-demo'));
  writeFileSync(join(cwd, 'porchlight-demo', SOURCE), 'mine too');
  expect(workFolder(cwd)).toBe(join(cwd, 'porchlight-demo-2'));
});

test('the test command names the runtime itself where there is no node', () => {
  expect(testCommand({ PATH: cwd })).toBe(
    `"${process.execPath}" --test --test-reporter=spec slugify.test.mjs`,
  );
});

test('a file that is not there has no text', () => {
  expect(textOf(join(cwd, 'nothing'))).toBeNull();
});
