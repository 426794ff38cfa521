import { expect, test } from 'vitest';
import { command, edit, fetching, placed, policyOf, said, sourced } from './policy-bench.ts';

test('without a rule everything asks', () => {
  const policy = policyOf([]);
  expect([
    said(policy, command('npm test')),
    said(policy, edit('src/a.ts')),
    said(policy, fetching('https://example.com/')),
  ]).toEqual(['ask: noRule', 'ask: noRule', 'ask: noRule']);
});

test('deny wins over ask, and ask over allow, whatever their order', () => {
  const rules = [
    { decision: 'allow', kind: 'edit' },
    { decision: 'ask', path: 'src/**' },
    { decision: 'deny', path: 'src/generated/**' },
  ];
  const expected = [
    'deny: deny path src/generated/**',
    'ask: ask path src/**',
    'allow: allow edit',
  ];
  for (const order of [rules, rules.toReversed()]) {
    const policy = policyOf(order);
    expect([
      said(policy, edit('/work/app/src/generated/x.ts')),
      said(policy, edit('/work/app/src/x.ts')),
      said(policy, edit('/work/app/README.md')),
    ]).toEqual(expected);
  }
});

test('a command is allowed when every command of its line is', () => {
  const policy = policyOf([
    { decision: 'allow', command: 'npm test' },
    { decision: 'allow', command: 'git status' },
  ]);
  expect(
    [
      'npm test',
      'npm test && git status',
      'npm test && git push',
      'npm test; $(git push)',
      'npm test > out.txt',
      'npm run test',
    ].map((line) => said(policy, command(line)).split(':')[0]),
  ).toEqual(['allow', 'allow', 'ask', 'ask', 'ask', 'ask']);
});

test('a redirection needs a rule about the file that it writes', () => {
  const policy = policyOf([
    { decision: 'allow', command: 'npm test' },
    { decision: 'allow', kind: 'edit', path: 'out/**' },
  ]);
  expect([
    said(policy, command('npm test > out/log.txt')),
    said(policy, command('npm test > src/log.txt')),
    said(policy, command('npm test > out/../src/log.txt')),
  ]).toEqual(['allow: allow command "npm test"', 'ask: noRule', 'ask: noRule']);
});

test('a source that may not loosen only denies and asks', () => {
  const own = { mayLoosen: false, project: '/work/app' };
  const policy = policyOf([
    sourced({ decision: 'allow', kind: 'edit' }, own),
    sourced({ decision: 'deny', path: 'dist/**' }, own),
  ]);
  expect([said(policy, edit('src/a.ts')), said(policy, edit('dist/a.ts'))]).toEqual([
    'ask: noRule',
    'deny: deny path dist/**',
  ]);
});

test("a project's rules hold for its sessions alone, worktrees made from it included", () => {
  const policy = policyOf([sourced({ decision: 'deny', kind: 'edit' }, { project: '/work/app' })]);
  expect(
    [
      placed(),
      placed({ cwd: '/work/app/packages/a' }),
      placed({ cwd: '/home/ada/.porchlight/worktrees/x', base: '/work/app' }),
      placed({ cwd: '/work/apple' }),
    ].map((place) => said(policy, edit('a.ts'), place)),
  ).toEqual(['deny: deny edit', 'deny: deny edit', 'deny: deny edit', 'ask: noRule']);
});

test('a question and a change of mode are never decided for anyone', () => {
  const policy = policyOf([{ decision: 'allow' }]);
  const plan = { kind: 'switch_mode', title: 'Leave plan', call: call({ plan: 'x' }) } as const;
  const question = { kind: 'question', title: 'Which?', call: call({ message: 'x' }) } as const;
  expect([said(policy, plan), said(policy, question)]).toEqual(['ask: noRule', 'ask: question']);
});

test('hosts, MCP tools, agents, sessions and branches are matched', () => {
  const mcp = (tool: string) =>
    ({ kind: 'other', title: tool, call: { ...call({}), tool } }) as const;
  const policy = policyOf([
    { decision: 'allow', host: '*.example.com' },
    { decision: 'allow', mcp: 'github/get_issue' },
    { decision: 'allow', mcp: 'docs/*' },
    { decision: 'allow', kind: 'edit', branch: 'porchlight/*', agent: 'codex' },
    { decision: 'allow', kind: 'delete', session: 's_aaaaaaaaaaaa' },
  ]);
  const onBranch = placed({ agent: 'codex', branch: 'porchlight/fix' });
  const deleting = { ...edit('a.ts'), kind: 'delete' } as const;
  expect(
    [
      said(policy, fetching('https://docs.example.com/x')),
      said(policy, fetching('https://example.com.evil.net/')),
      said(policy, mcp('mcp__github__get_issue')),
      said(policy, mcp('mcp__github__delete_repo')),
      said(policy, mcp('mcp__docs__search')),
      said(policy, edit('a.ts'), onBranch),
      said(policy, edit('a.ts'), { ...onBranch, branch: 'main' }),
      said(policy, edit('a.ts'), { ...onBranch, agent: 'claude' }),
      said(policy, deleting, placed({ sessionId: 's_aaaaaaaaaaaa' as never })),
      said(policy, deleting, placed()),
    ].map((each) => each.split(':')[0]),
  ).toEqual([...['allow', 'ask', 'allow', 'ask', 'allow', 'allow', 'ask', 'ask', 'allow', 'ask']]);
});

test('a grant that has ended or is used up allows nothing', () => {
  const policy = policyOf([
    { decision: 'allow', kind: 'edit', until: '2026-11-21T11:59:59Z' },
    sourced({ decision: 'allow', kind: 'read', uses: 2 }, { isSpent: () => true }),
    sourced({ decision: 'allow', kind: 'fetch', uses: 2 }, { isSpent: () => false }),
  ]);
  const reading = { ...edit('a.ts'), kind: 'read' } as const;
  expect([said(policy, edit('a.ts')), said(policy, reading)]).toEqual([
    'ask: noRule',
    'ask: noRule',
  ]);
  expect(policy.judge(fetching('https://example.com'), placed())).toMatchObject({
    decision: 'allow',
    counted: true,
  });
});

function call(input: unknown) {
  return { tool: 'x', input, locations: [], diff: [] };
}
