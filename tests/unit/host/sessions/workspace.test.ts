import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { listFolders } from '../../../../src/host/api/folders.ts';
import { checkedFolder, repositoryOf } from '../../../../src/host/sessions/workspace.ts';
import { newFolder } from '../support/host-core.ts';

let folder: string;
beforeEach(() => {
  folder = realpathSync(newFolder());
});
afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true });
});

test('a folder is known by its real path', async () => {
  mkdirSync(join(folder, 'real'));
  symlinkSync(join(folder, 'real'), join(folder, 'link'));
  expect(await checkedFolder(join(folder, 'link'))).toBe(join(folder, 'real'));
});

test('what is no folder to work in is refused in words', async () => {
  writeFileSync(join(folder, 'file'), '');
  await expect(checkedFolder('relative')).rejects.toThrow('not an absolute path');
  await expect(checkedFolder(join(folder, 'gone'))).rejects.toThrow('does not exist');
  await expect(checkedFolder(join(folder, 'file'))).rejects.toThrow('is not a folder');
});

test.skipIf(process.getuid?.() === 0)(
  'a folder that may not be written to is refused',
  async () => {
    chmodSync(folder, 0o500);
    await expect(checkedFolder(folder)).rejects.toThrow('not writable for you');
  },
);

test('folders of one repository, and worktrees of it, have it in common; others are their own', async () => {
  const below = join(folder, 'a', 'b');
  mkdirSync(below, { recursive: true });
  expect(await repositoryOf(below)).toBe(below);
  execFileSync('git', ['init', '-q', folder]);
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args]);
  git('commit', '-q', '--allow-empty', '-m', 'first');
  const worktree = join(folder, "it's a tree");
  git('worktree', 'add', '-q', '-b', 'other', worktree);
  const common = join(folder, '.git');
  expect(await Promise.all([below, folder, worktree].map(repositoryOf))).toEqual([
    common,
    common,
    common,
  ]);
});

test('a host that was started by a git hook sees the repository of the folder, not of the hook', async () => {
  execFileSync('git', ['init', '-q', folder]);
  vi.stubEnv('GIT_DIR', '/nowhere/.git');
  expect(await repositoryOf(folder)).toBe(join(folder, '.git'));
  vi.unstubAllEnvs();
});

test('a picker is shown the folders below one, without hidden ones and files', async () => {
  for (const name of ['b', 'a', '.hidden']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'file'), '');
  execFileSync('git', ['init', '-q', folder]);
  expect(await listFolders(folder)).toEqual({
    path: folder,
    parent: join(folder, '..'),
    folders: ['a', 'b'],
    git: true,
  });
  expect((await listFolders('/')).parent).toBe(null);
  await expect(listFolders(join(folder, 'gone'))).rejects.toThrow('it does not exist');
});
