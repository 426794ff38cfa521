import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freeName, slugOf, worktreesFolder } from '../../../../src/host/worktrees/names.ts';

test('a title becomes a short name that every file system and git take', () => {
  const titles = [
    'Fix the login',
    '  --Fix: "the" `login`\n../../etc ~^:?*[\\ .lock ',
    'Größe ändern',
    'テストを直す',
    '🎉🎉',
    '',
    'CON',
    'a'.repeat(39) + ' bc',
    '.git',
    'e\u0301',
  ];
  expect(titles.map(slugOf)).toEqual([
    'fix-the-login',
    'fix-the-login-etc-lock',
    'größe-ändern',
    'テストを直す',
    'session',
    'session',
    'con-session',
    'a'.repeat(39),
    'git',
    '\u00e9',
  ]);
});

test('repositories of one name have folders of their own', () => {
  const folder = (common: string, root: string) => worktreesFolder('/w', common, root);
  const [one, two] = [folder('/a/app/.git', '/a/app'), folder('/b/app/.git', '/b/app')];
  expect([one === two, /^\/w\/app-[0-9a-f]{8}$/.test(one), folder('/x.git', '/x.git')]).toEqual([
    false,
    true,
    expect.stringMatching(/^\/w\/x-/),
  ]);
});

test('a name is taken by a branch, one below it, a folder, or a session, in any letter case', () => {
  const folder = join('/w', 'app');
  const free = (taken: {
    branches?: string[];
    folders?: string[];
    worktrees?: [string, 'made' | 'discarded'][];
  }) =>
    freeName(folder, 'fix', {
      branches: taken.branches ?? [],
      folders: taken.folders ?? [],
      sessions: (taken.worktrees ?? []).map(([worktree, worktreeState]) => ({
        worktree,
        worktreeState,
      })),
    }).branch;
  expect([
    free({}),
    free({ branches: ['porchlight/Fix'] }),
    free({ branches: ['porchlight/fix/inner', 'porchlight/fix-2'] }),
    free({ folders: ['FIX'] }),
    free({ worktrees: [[join(folder, 'fix'), 'made']] }),
    free({ worktrees: [[join(folder, 'fix'), 'discarded']] }),
    free({ worktrees: [[join('/w', 'other', 'fix'), 'made']] }),
    free({ branches: ['porchlight'] }),
    free({ branches: ['porchlight', 'porchlight-fix'] }),
  ]).toEqual([
    'porchlight/fix',
    'porchlight/fix-2',
    'porchlight/fix-3',
    'porchlight/fix-2',
    'porchlight/fix-2',
    'porchlight/fix',
    'porchlight/fix',
    'porchlight-fix',
    'porchlight-fix-2',
  ]);
});
