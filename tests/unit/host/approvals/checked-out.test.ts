import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkedOutBranch } from '../../../../src/host/approvals/checked-out.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'porchlight-branch-'));
  mkdirSync(join(folder, '.git'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('the branch that is checked out is read from git’s own file, above the folder too', () => {
  mkdirSync(join(folder, 'a', 'b'), { recursive: true });
  writeFileSync(join(folder, '.git', 'HEAD'), 'ref: refs/heads/feature/x\n');
  expect([checkedOutBranch(folder), checkedOutBranch(join(folder, 'a', 'b'))]).toEqual([
    'feature/x',
    'feature/x',
  ]);
});

it('a named pipe or a folder in its place is no branch, and is not waited for', () => {
  execFileSync('mkfifo', [join(folder, '.git', 'HEAD')]);
  const ofPipe = checkedOutBranch(folder);
  rmSync(join(folder, '.git', 'HEAD'));
  mkdirSync(join(folder, '.git', 'HEAD'));
  expect([ofPipe, checkedOutBranch(folder)]).toEqual([null, null]);
});
