import { expect, test } from 'vitest';
import { memoryFiles } from '../../../../fakes/memory-files.ts';
import { command, edit, placed, policyOf, said } from '../policy-bench.ts';

const world = memoryFiles({
  '/work/app/src/a.ts': '',
  '/work/app/out': { link: '/elsewhere/out' },
  '/work/app/dangling': { link: '/elsewhere/not-there' },
  '/elsewhere/out/x': '',
  '/linked': { link: '/work/app' },
  '/work/round': { link: '/work/round' },
});

test('an allow rule follows links: what lies elsewhere is elsewhere', () => {
  const policy = policyOf([{ decision: 'allow', kind: 'edit', path: '**' }], world);
  expect(
    [
      'src/a.ts',
      '/linked/src/a.ts',
      'out/x',
      'out/../x',
      'dangling',
      'new/deep/file',
      '../x',
      '/work/round/x',
    ].map((path) => `${path} ${policy.judge(edit(path), placed()).decision}`),
  ).toEqual([
    'src/a.ts allow',
    '/linked/src/a.ts allow',
    'out/x ask',
    'out/../x ask',
    'dangling ask',
    'new/deep/file allow',
    '../x ask',
    '/work/round/x ask',
  ]);
});

test('a folder that was made a link is no more the folder that the rule means', () => {
  const policy = policyOf([{ decision: 'allow', kind: 'edit', path: 'out/**' }], world);
  expect([said(policy, edit('out/x')), said(policy, edit('/elsewhere/out/x'))]).toEqual([
    'ask: noRule',
    'ask: noRule',
  ]);
});

test('a deny rule means a place by each of its names', () => {
  const policy = policyOf(
    [
      { decision: 'allow' },
      { decision: 'deny', path: 'out/**' },
      { decision: 'deny', path: '/linked/src/**' },
    ],
    world,
  );
  expect(
    [
      said(policy, edit('out/x')),
      said(policy, edit('/elsewhere/out/x')),
      said(policy, edit('/work/app/src/b.ts')),
      said(policy, edit('src/b.ts')),
      said(policy, command('cat src/a.ts')),
      said(policy, command('cat < out/x')),
      said(policy, edit('lib/b.ts')),
    ].map((each) => each.split(':')[0]),
  ).toEqual(['deny', 'deny', 'deny', 'deny', 'deny', 'deny', 'allow']);
});

test('where case does not matter, rules do not mind it', () => {
  const mac = memoryFiles({ '/work/app/Src': null }, { foldsCase: true });
  const policy = policyOf([{ decision: 'deny', path: 'src/**' }], mac);
  expect(said(policy, edit('SRC/a.ts'))).toBe('deny: deny path src/**');
});

test('Windows paths are matched with either slash', () => {
  const windows = memoryFiles({ 'C:\\work\\app': null }, { home: 'C:\\Users\\ada', windows: true });
  const policy = policyOf(
    [
      { decision: 'allow', kind: 'edit', path: 'src/**' },
      { decision: 'deny', path: '~/.ssh/**' },
      { decision: 'deny', path: 'c:\\secret\\**' },
    ],
    windows,
  );
  const place = placed({ cwd: 'C:\\work\\app' });
  expect(
    [
      'src\\a.ts',
      'SRC/b.ts',
      'C:\\work\\app\\src\\c.ts',
      'C:\\Users\\ada\\.ssh\\id',
      '~/.SSH/id',
      'C:/Secret/x',
      '..\\x',
    ].map((path) => policy.judge(edit(path), place).decision),
  ).toEqual(['allow', 'allow', 'allow', 'deny', 'deny', 'deny', 'ask']);
});
