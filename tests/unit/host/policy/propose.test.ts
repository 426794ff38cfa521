import { expect, test } from 'vitest';
import type { AskedCall } from '../../../../src/host/policy/policy.ts';
import { command, edit, fetching, placed, policyOf } from './policy-bench.ts';

const texts = (asked: AskedCall, rules: object[] = [], place = placed()) =>
  policyOf(rules)
    .propose(asked, place)
    .map(({ text }) => text.replace(' by claude in /work/app', ''));

const mcp = (tool: string): AskedCall => ({
  kind: 'other',
  title: tool,
  call: { tool, input: { x: 1 }, locations: [], diff: [] },
});

test('the narrowest comes first', () => {
  expect([
    texts(edit('src/ui/a.ts')),
    texts(fetching('https://example.com/x')),
    texts(mcp('mcp__github__get_issue')),
  ]).toEqual([
    ['allow edit path src/ui/a.ts', 'allow edit path src/ui/**', 'allow edit path **'],
    ['allow fetch host example.com'],
    ['allow mcp github/get_issue', 'allow mcp github/*'],
  ]);
});

test('of a command the whole of it comes first, then its telling words', () => {
  expect(texts(command('npm run build'))[0]).toBe('allow command "npm run build"');
  expect(texts(command('git log --oneline -3'))[0]).toBe('allow command "git log --oneline -3"');
});

test('every rule that is proposed lets the call through', () => {
  const calls = [
    command('npm run build'),
    command('git status'),
    command('ls -la src | head -3'),
    edit('src/[a]{b}*.ts'),
    edit('/elsewhere/x/y.txt'),
    fetching('https://example.com:8443/x'),
    mcp('mcp__a__b'),
  ];
  for (const asked of calls)
    for (const { rule } of policyOf([]).propose(asked, placed()))
      expect([rule, policyOf([rule]).judge(asked, placed()).decision]).toEqual([rule, 'allow']);
});

test('of a high risk only the call itself, and of what nobody can judge nothing', () => {
  expect([
    texts(edit('/elsewhere/a.txt')),
    texts(edit('.env')),
    texts(command('git push --force origin main')).filter((text) => !text.includes('--force')),
    texts(command('porchlight approve a_1')),
    texts(edit('/home/ada/.porchlight/rules.json')),
    texts(command('eval "$X"')),
    texts(command('npm test > out.txt')),
    texts(edit('a.ts'), [{ decision: 'ask', kind: 'edit' }]),
    texts(edit('a.ts'), [{ decision: 'deny', kind: 'edit' }]),
    texts({ ...edit('a.ts'), kind: 'switch_mode' }),
    texts({ ...edit('a.ts'), kind: 'question' }),
  ]).toEqual([
    ['allow edit path /elsewhere/a.txt'],
    ['allow edit path .env'],
    ...Array.from({ length: 9 }, () => []),
  ]);
});

test('a worktree gets rules for the checkout that it was made from', () => {
  const place = placed({ cwd: '/home/ada/.porchlight/worktrees/x', base: '/work/app' });
  const [first] = policyOf([]).propose(edit('a.ts'), place);
  expect(first).toEqual({
    rule: { decision: 'allow', agent: 'claude', kind: 'edit', path: 'a.ts', folder: '/work/app' },
    text: 'allow edit path a.ts by claude in /work/app',
    means: 'changes to a.ts, in /work/app, by claude',
  });
});
