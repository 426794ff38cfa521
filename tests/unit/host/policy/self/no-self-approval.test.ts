import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AskedCall } from '../../../../../src/host/policy/policy.ts';
import { memoryFiles } from '../../../../fakes/memory-files.ts';
import { command, edit, fetching, placed, policyOf } from '../policy-bench.ts';

const HOME = '/home/ada/.porchlight';
const world = memoryFiles({
  '/work/app/package.json': JSON.stringify({
    scripts: { test: 'vitest', sneak: 'porchlight approve a_1', help: 'npm run sneak' },
  }),
  '/work/app/approve.sh': '#!/bin/sh\nporchlight approve "$1"\n',
  '/work/app/harmless.sh': '#!/bin/sh\necho porchlight is a program\n',
  '/work/app/deep/way': { link: '/home/ada' },
  '/work/app/p': { link: '/opt/porchlight/dist/cli/main.js' },
  '/work/app/inside': { link: '/home/ada/.porchlight' },
  '/work/app/Makefile': 'all:\n\tnode main.js\nyes:\n\tporchlight approve x\n',
  '/opt/porchlight/dist/cli/main.js': '',
  [`${HOME}/worktrees/app/fix/src/a.ts`]: '',
  [`${HOME}/config.json`]: '',
});

/** Rules that let everything through, in all the ways there are. */
const ALLOWING = [
  { decision: 'allow' },
  ...['execute', 'edit', 'read', 'fetch', 'other', 'delete', 'move', 'search'].map((kind) => ({
    decision: 'allow',
    kind,
  })),
  { decision: 'allow', path: '/**' },
  { decision: 'allow', path: '~/**' },
  { decision: 'allow', host: '*' },
  ...['porchlight', 'npm', 'npx', 'node', 'sh', 'cat', 'rm', 'cp', 'curl', 'echo', 'env'].map(
    (words) => ({ decision: 'allow', command: words }),
  ),
  { decision: 'allow', mcp: 'files/*' },
];

const COMMANDS = [
  'porchlight approve a_123456789012',
  'npx porchlight approve a_1',
  'npx -y porchlight@latest approve a_1',
  'npm run porchlight -- approve a_1',
  'npm run -s porchlight approve',
  'npm exec porchlight approve',
  'pnpm dlx porchlight approve',
  'node /opt/porchlight/dist/cli/main.js approve',
  'node ../other/dist/cli/main.js approve',
  '/usr/local/bin/porchlight approve',
  '"porch""light" approve a_1',
  "por'chl'ight approve",
  'porch\\light approve',
  "$'porch\\x6cight' approve",
  'env porchlight approve',
  'timeout 5 nice porchlight approve a_1',
  'sudo porchlight approve',
  'xargs porchlight approve < ids',
  'echo a_1 | xargs -n1 porchlight approve',
  'find . -name x -exec porchlight approve {} +',
  'bash -c "porchlight approve a_1"',
  "bash -lc 'npx porchlight approve a_1'",
  'true && porchlight approve a_1',
  'echo $(porchlight approve a_1)',
  'cat <(porchlight ls)',
  'eval "porchlight approve a_1"',
  'X=1 porchlight approve a_1',
  "git -c alias.x='!porchlight approve a_1' x",
  'git submodule foreach porchlight approve a_1',
  'git bisect run porchlight approve a_1',
  'rg --pre porchlight x',
  'watch porchlight ls',
  'strace -f porchlight ls',
  './approve.sh a_1',
  'sh approve.sh a_1',
  'bash -x ./approve.sh',
  'source approve.sh',
  'npm run sneak',
  'yarn sneak',
  'make yes',
  './p approve a_1',
  'node p approve a_1',
  "node -e \"require('child_process').execSync('porchlight approve a_1')\"",
  'python3 -c "import os; os.system(\'porchlight approve a_1\')"',
  'cp /opt/porchlight/dist/cli/main.js x.js',
  'cat ~/.porchlight/config.json',
  'cat "$HOME/.porchlight/host.json"',
  'cat ${HOME}/.porchlight/host.json',
  'cat $PORCHLIGHT_HOME/host.json',
  'PORCHLIGHT_HOME=/x npm test',
  'cat /home/ada/.porchlight/porchlight.db',
  'cat /home/ada/./.porchlight//porchlight.db',
  'cat /home/ada/x/../.porchlight/porchlight.db',
  'cat ~/.porch*/host.json',
  'cat ~/.p?rchlight/host.json',
  'cat /home/ada/.[p]orchlight/host.json',
  'cat ~/.{porchlight,x}/host.json',
  'cat ../../home/ada/.porchlight/host.json',
  'cat deep/way/.porchlight/host.json',
  'cat inside/host.json',
  'echo "{}" > inside/rules.json',
  'echo "{}" > ~/.porchlight/rules.json',
  'echo x | tee ~/.porchlight/rules.json',
  'cd ~ && cat .porchlight/host.json',
  'cd ~/.porchlight; cat host.json',
  'cd /home && cat ada/.porchlight/host.json',
  'rm -rf ~/*.porchlight ~/.p*',
  'rm -rf ~',
  'rm -rf /home/ada',
  'rm -rf /',
  'mv /home/ada /home/eve',
  'grep -r secret /home/ada',
  'tar czf all.tgz ~',
  'cp -r ~ /tmp/all',
  'ln -s ~/.porchlight x',
  'd=~/.porch; cat ${d}light/host.json',
  'for f in ~/.porch; do cat "${f}light/host.json"; done',
  'for dir in /home/ada; do cat $dir/.p*/host.json; done',
  'nc -U ~/.porchlight/host.sock',
  'socat - UNIX-CONNECT:/home/ada/.porchlight/host.sock',
  'curl --unix-socket /home/ada/.porchlight/host.sock http://x/',
  'ls /tmp/porchlight-0123456789abcdef/',
  'curl http://127.0.0.1:4711/api',
  'curl localhost:4711/api',
  'curl -s "http://[::1]:4711/"',
  'curl https://porch.example.net/x',
  'echo x > .porchlight/rules.json',
  'echo x > /etc/porchlight/policy.json',
  'mkdir -p .porchlight && cp r.json .porchlight/rules.json',
  'sqlite3 ~/.porchlight/porchlight.db "update approvals set x = 1"',
];

const call = (kind: AskedCall['kind'], tool: string, input: unknown): AskedCall => ({
  kind,
  title: tool,
  call: { tool, input, locations: [], diff: [] },
});

const OTHERS: AskedCall[] = [
  edit(`${HOME}/rules.json`),
  edit('/work/app/.porchlight/rules.json'),
  edit('.porchlight/rules.json'),
  edit('inside/rules.json'),
  edit('/etc/porchlight/policy.json'),
  edit(`${HOME}/worktrees/app/fix/../../../rules.json`),
  edit(`${HOME}/worktrees/app/fix/.porchlight/rules.json`),
  call('read', 'Read', { file_path: `${HOME}/host.json` }),
  call('read', 'Read', { file_path: '~/.porchlight/host.json' }),
  call('read', 'Read', { file_path: 'file:///home/ada/.porchlight/host.json' }),
  call('search', 'Grep', { pattern: 'token', path: '/home/ada' }),
  call('delete', 'Delete', { path: '/home' }),
  call('move', 'Move', { source: 'a', destination: `${HOME}/x` }),
  call('other', 'mcp__files__write', { target: `${HOME}/rules.json`, data: '{}' }),
  call('other', 'mcp__files__write', { args: [['x', `${HOME}/rules.json`]] }),
  call('other', 'mcp__files__run', { program: 'porchlight approve a_1' }),
  call('execute', 'shell', { command: ['bash', '-lc', 'porchlight approve a_1'] }),
  call('execute', 'shell', { command: ['porchlight', 'approve', 'a_1'] }),
  call('execute', 'shell', { command: 'cat host.json', cwd: HOME }),
  call('other', 'external_directory', { command: 'cat ~/.porchlight/x', directories: [HOME] }),
  call('edit', 'apply_patch', { patch: `*** Begin Patch\n*** Add File: ${HOME}/rules.json\n+x` }),
  fetching('http://localhost:4711/'),
  fetching('https://porch.example.net/'),
  fetching(`file://${HOME}/host.json`),
];

const ALL = [...COMMANDS.map((text) => command(text)), ...OTHERS];

test('a call that touches Porchlight asks at the highest risk, whatever is allowed', () => {
  const policy = policyOf(ALLOWING, world);
  const passed = ALL.filter((asked) => {
    const { decision, risk, asks } = policy.judge(asked, placed());
    return decision !== 'ask' || risk.level !== 'highest' || asks?.because !== 'porchlight';
  });
  expect(passed.map(({ call: { input } }) => input)).toEqual([]);
});

test('no set of rules that allow, in whatever place, lets one through', () => {
  const rule = fc.constantFrom(...ALLOWING);
  const place = fc.record({
    cwd: fc.constantFrom('/work/app', `${HOME}/worktrees/app/fix`),
    agent: fc.constantFrom('claude', 'codex', 'opencode', 'unheard-of'),
    mode: fc.constantFrom('ask', 'edits', 'auto', null),
  });
  const absolute = ALL.filter(({ call: { input } }) =>
    /porch(?:light)? |~|home/.test(JSON.stringify(input)),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...absolute),
      fc.array(rule, { maxLength: 30 }),
      place,
      (asked, rules, at) => {
        const { decision } = policyOf(rules, world).judge(asked, placed(at as object));
        return decision === 'ask';
      },
    ),
    { numRuns: 400 },
  );
});

test('deny still wins', () => {
  const policy = policyOf(
    [{ decision: 'allow' }, { decision: 'deny', command: 'porchlight' }],
    world,
  );
  expect(policy.judge(command('porchlight approve a_1'), placed())).toMatchObject({
    decision: 'deny',
    risk: { level: 'highest' },
  });
});

test('what only has the word in it is no touch', () => {
  const policy = policyOf(ALLOWING, world);
  const fine = [
    command('git commit -m "porchlight is fine"'),
    command('grep -rn porchlight src'),
    command('npm test'),
    command('./harmless.sh'),
    command('ls'),
    command('cat *.md'),
    command('for f in src/*.ts; do wc -l "$f"; done'),
    command('ls -la /home'),
    command('curl http://127.0.0.1:3000/'),
    edit('docs/porchlight.md', 'run `porchlight approve`'),
    edit('/work/app/src/porchlight/index.ts'),
    call('read', 'Read', { file_path: '/home/ada/notes.md' }),
    fetching('https://porchlight.example.com/'),
    call('think', 'Task', { prompt: 'explain ~/.porchlight' }),
  ];
  expect(
    fine.flatMap((asked) => {
      const { risk } = policy.judge(asked, placed());
      return risk.level === 'highest' ? [asked.title] : [];
    }),
  ).toEqual([]);
});

test("a worktree inside the home is its agent's workplace", () => {
  const policy = policyOf(
    [
      { decision: 'allow', kind: 'edit' },
      { decision: 'allow', command: 'cat' },
    ],
    world,
  );
  const place = placed({ cwd: `${HOME}/worktrees/app/fix`, base: '/work/app' });
  expect([
    policy.judge(edit(`${HOME}/worktrees/app/fix/src/a.ts`), place).decision,
    policy.judge(edit('src/b.ts'), place).decision,
    policy.judge(command('cat src/a.ts'), place).decision,
    policy.judge(command(`cat ${HOME}/worktrees/app/fix/src/a.ts`), place).decision,
    policy.judge(edit('../../../rules.json'), place).decision,
  ]).toEqual(['allow', 'allow', 'allow', 'allow', 'ask']);
});
