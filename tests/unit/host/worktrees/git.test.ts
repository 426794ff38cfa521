import { realpathSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Git, gitEnv } from '../../../../src/host/worktrees/git.ts';
import { InTurn } from '../../../../src/host/worktrees/in-turn.ts';
import { parseDiff } from '../../../../src/host/worktrees/raw-diff.ts';
import { parseCheckouts } from '../../../../src/host/worktrees/repository.ts';
import { newFolder } from '../support/host-core.ts';

let folder: string;
beforeEach(() => {
  folder = realpathSync(newFolder());
});
afterEach(() => rmSync(folder, { recursive: true }));

const git = new Git(async () => ({ PATH: process.env.PATH ?? '', GIT_DIR: '/nowhere' }));

test('what a person says about git in a profile holds, what is about one repository does not', () => {
  const env = gitEnv({
    GIT_DIR: '/x',
    GIT_INDEX_FILE: '/x',
    GIT_CONFIG_COUNT: '9',
    GIT_AUTHOR_NAME: 'Ann',
    GIT_SSH_COMMAND: 'ssh -v',
    GIT_CONFIG_GLOBAL: '/g',
    HOME: '/h',
  });
  const { GIT_DIR, GIT_INDEX_FILE, GIT_AUTHOR_NAME, GIT_SSH_COMMAND, GIT_CONFIG_GLOBAL, HOME } =
    env;
  expect({
    GIT_DIR,
    GIT_INDEX_FILE,
    GIT_AUTHOR_NAME,
    GIT_SSH_COMMAND,
    GIT_CONFIG_GLOBAL,
    HOME,
  }).toEqual({
    GIT_AUTHOR_NAME: 'Ann',
    GIT_SSH_COMMAND: 'ssh -v',
    GIT_CONFIG_GLOBAL: '/g',
    HOME: '/h',
  });
  expect(env.GIT_CONFIG_COUNT).not.toBe('9');
});

test('a call has a deadline, and ends with all it started', async () => {
  await git.text(folder, ['init', '-q']);
  await expect(
    git.text(folder, ['-c', 'alias.hang=!sleep 1000', 'hang'], { limitMs: 500 }),
  ).rejects.toThrow('took longer than 0.5 s');
});

test('output is bounded: too much fails, or is cut where that is asked for', async () => {
  await git.text(folder, ['init', '-q']);
  const much = ['-c', 'alias.much=!yes', 'much'];
  await expect(git.text(folder, much, { maxBytes: 100 })).rejects.toThrow('more than 100 bytes');
  const { stdout, isCut } = await git.run(folder, much, { maxBytes: 100, cut: true });
  expect([stdout, isCut]).toEqual(['y\n'.repeat(50), true]);
});

test('a folder that is gone, and a git that is not there, fail in words', async () => {
  await expect(git.text(`${folder}/gone`, ['status'])).rejects.toThrow(
    'git was not found, or the folder is gone',
  );
  const none = new Git(async () => ({ PATH: folder }));
  await expect(none.text(folder, ['status'])).rejects.toThrow('git was not found');
});

test('differences are read with names that hold anything', () => {
  const raw = [
    ':100644 100644 a b M\0:colon\0',
    ':100644 100644 a b R090\0old\tname\0new\nname\0',
    ':000000 160000 a b A\0sub\0',
    '1\t2\t:colon\0',
    '3\t4\t\0old\tname\0new\nname\0',
    '-\t-\tsub\0',
  ].join('');
  const none = { insertions: 0, deletions: 0, binary: false };
  expect(parseDiff(raw)).toEqual([
    { ...none, path: ':colon', status: 'modified', insertions: 1, deletions: 2 },
    {
      ...none,
      path: 'new\nname',
      from: 'old\tname',
      status: 'renamed',
      insertions: 3,
      deletions: 4,
    },
    { ...none, path: 'sub', status: 'added', binary: true },
  ]);
  expect(parseDiff('')).toEqual([]);
});

test('checkouts are read with their branches, bare ones left out', () => {
  const text =
    'worktree /bare\0bare\0\0worktree /a b\nc\0HEAD 1\0branch refs/heads/x/y\0\0worktree /d\0HEAD 1\0detached\0prunable gone\0\0';
  expect(parseCheckouts(text)).toEqual([
    { path: '/a b\nc', branch: 'x/y' },
    { path: '/d', branch: null },
  ]);
});

test('work with one key is done in turn, also after a failure; other keys do not wait', async () => {
  const inTurn = new InTurn();
  const seen: string[] = [];
  let letGo = (): void => {};
  const gate = new Promise<void>((resolve) => (letGo = resolve));
  const first = inTurn.run('a', async () => {
    await gate;
    seen.push('first');
    throw new Error('broken');
  });
  const second = inTurn.run('a', async () => void seen.push('second'));
  await inTurn.run('b', async () => void seen.push('other'));
  letGo();
  await expect(first).rejects.toThrow('broken');
  await second;
  expect(seen).toEqual(['other', 'first', 'second']);
});
