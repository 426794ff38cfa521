import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isSought } from '../../../../../src/host/agents/open-elsewhere/program-name.ts';
import { linuxRunningPrograms } from '../../../../../src/host/agents/open-elsewhere/running-programs.linux.ts';
import { macosRunningPrograms } from '../../../../../src/host/agents/open-elsewhere/running-programs.macos.ts';
import { windowsRunningPrograms } from '../../../../../src/host/agents/open-elsewhere/running-programs.windows.ts';
import type { RunTool } from '../../../../../src/local/run-tool.ts';

const SOUGHT = { programs: ['claude'], besides: ['mcp'] };

test.each([
  ['by the name it runs under', { name: 'claude', args: [] }],
  ['by its executable', { name: 'MainThread', args: ['/opt/a b/claude', '--resume', 'x'] }],
  ['by its executable on Windows', { name: 'x', args: ['C:\\Program Files\\claude.exe'] }],
  ['by its script', { name: 'node', args: ['/usr/bin/node', '--no-warnings', '/bin/claude'] }],
  ['by its script with an ending', { name: 'node', args: ['node.exe', 'C:\\npm\\claude.js'] }],
])('a program is known %s', (_, process) => {
  expect(isSought(SOUGHT, process)).toBe(true);
});

test.each([
  ['an argument', { name: 'vim', args: ['vim', 'claude'] }],
  ['a folder', { name: 'bash', args: ['/home/claude/bash'] }],
  ['an option of the interpreter', { name: 'node', args: ['node', '--title=claude', 'x.js'] }],
  ['the adapter', { name: 'node', args: ['node', '/x/claude-agent-acp/dist/index.js'] }],
  ['a server of it', { name: 'claude', args: ['/bin/claude', 'mcp', 'serve'] }],
  ['a server that is a script', { name: 'node', args: ['node', '/bin/claude', 'mcp'] }],
  ['nothing', { name: null, args: [''] }],
])('%s is not taken for it', (_, process) => {
  expect(isSought(SOUGHT, process)).toBe(false);
});

let proc: string;
beforeEach(() => (proc = mkdtempSync(join(tmpdir(), 'proc-'))));
afterEach(() => rmSync(proc, { recursive: true, force: true }));

function fake(
  pid: number,
  files: { comm: string; cmdline: string; environ?: string; state?: string },
) {
  const folder = join(proc, String(pid));
  mkdirSync(folder);
  writeFileSync(join(folder, 'comm'), `${files.comm}\n`);
  writeFileSync(join(folder, 'cmdline'), files.cmdline);
  writeFileSync(join(folder, 'environ'), files.environ ?? 'PATH=/bin\0');
  const rest = Array.from({ length: 17 }, () => '0').join(' ');
  writeFileSync(join(folder, 'stat'), `${pid} (a) b) ${files.state ?? 'S'} 1 ${rest} 4711 0`);
  symlinkSync('/garden', join(folder, 'cwd'));
}

test('Linux: the programs of this user, with folder, start and mark; zombies and others are not', async () => {
  fake(10, { comm: 'claude', cmdline: '/x/claude\0--resume\0id\0' });
  fake(11, { comm: 'claude', cmdline: 'claude\0', environ: 'A=1\0AGENT_KEEPER_INSTANCE=i_1\0' });
  fake(12, { comm: 'claude', cmdline: 'claude\0', state: 'Z' });
  fake(13, { comm: 'bash', cmdline: 'bash\0' });
  mkdirSync(join(proc, 'self'));
  const user = process.getuid?.();
  expect(await linuxRunningPrograms(proc, user).find(SOUGHT)).toEqual([
    { pid: 10, cwd: '/garden', startedAt: '4711', isMarked: false },
    { pid: 11, cwd: '/garden', startedAt: '4711', isMarked: true },
  ]);
  expect(await linuxRunningPrograms(proc, (user ?? 0) + 1).find(SOUGHT)).toEqual([]);
});

test('macOS: ps twice and lsof, in their own words', async () => {
  const asked: string[] = [];
  const run: RunTool = async (command, args) => {
    asked.push([command, ...args].join(' '));
    if (command.endsWith('lsof'))
      return 'p501\nfcwd\nn/Users/me/my garden\np502\nfcwd\nn/Users/me\n';
    return args.includes('-Exww')
      ? `  501 Sat Nov 21 07:24:39 2026     /Users/me/Application Support/claude --resume x TERM=xterm HOME=/Users/me
  502 Sat Nov 21 07:24:40 2026     node /opt/homebrew/bin/claude HOME=/Users/me AGENT_KEEPER_INSTANCE=i_1
  503 Sat Nov 21 07:24:41 2026     /bin/zsh -l HOME=/Users/me
`
      : `  501 Sat Nov 21 07:24:39 2026     /Users/me/Application Support/claude
  502 Sat Nov 21 07:24:40 2026     node
  503 Sat Nov 21 07:24:41 2026     /bin/zsh
`;
  };
  expect(await macosRunningPrograms(run).find(SOUGHT)).toEqual([
    {
      pid: 501,
      cwd: '/Users/me/my garden',
      startedAt: 'Sat Nov 21 07:24:39 2026',
      isMarked: false,
    },
    { pid: 502, cwd: '/Users/me', startedAt: 'Sat Nov 21 07:24:40 2026', isMarked: true },
  ]);
  expect(asked.at(-1)).toBe('/usr/sbin/lsof -a -d cwd -p 501,502 -Fpn');
});

test('macOS: where none runs, lsof is not asked', async () => {
  const run: RunTool = async (command) => {
    if (command.endsWith('lsof')) throw new Error('not to be asked');
    return '';
  };
  expect(await macosRunningPrograms(run).find(SOUGHT)).toEqual([]);
});

test('Windows: one process or many, as PowerShell writes them', async () => {
  const row = (ProcessId: number, Name: string, CommandLine: string | null) => ({
    ProcessId,
    Name,
    CommandLine,
  });
  const many = [
    row(4, 'System', null),
    row(70, 'claude.exe', '"C:\\Users\\me\\my bin\\claude.exe" --resume x'),
    row(
      71,
      'node.exe',
      '"C:\\Program Files\\nodejs\\node.exe"  "C:\\npm\\node_modules\\x\\claude.js"',
    ),
    row(72, 'explorer.exe', 'C:\\Windows\\explorer.exe claude'),
  ];
  const named = async (output: string) =>
    (await windowsRunningPrograms(async () => output).find(SOUGHT)).map(({ pid }) => pid);
  expect(await named(JSON.stringify(many))).toEqual([70, 71]);
  expect(await named(JSON.stringify(many[1]))).toEqual([70]);
  expect(await named('')).toEqual([]);
});
