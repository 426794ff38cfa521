import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { claude } from '../../../../../src/host/agents/launchers/claude.ts';
import { codex } from '../../../../../src/host/agents/launchers/codex.ts';
import { gemini } from '../../../../../src/host/agents/launchers/gemini.ts';
import { opencode } from '../../../../../src/host/agents/launchers/opencode.ts';
import { approvalFromPermission } from '../../../../../src/host/agents/acp/acp-approvals.ts';
import { factsOf } from '../../../../../src/host/policy/facts/facts-of.ts';
import type { AskedCall } from '../../../../../src/host/policy/policy.ts';
import { memoryFiles } from '../../../../fakes/memory-files.ts';
import { placed } from '../policy-bench.ts';

const LAUNCHERS = { claude, codex, gemini, opencode };
const world = memoryFiles({ '/workspace': null, '/home/ada': null });

function read(asked: AskedCall, agent: keyof typeof LAUNCHERS = 'claude', cwd = '/workspace') {
  const facts = factsOf(asked, placed({ agent, cwd }), LAUNCHERS[agent].profile.calls ?? {}, world);
  return {
    ...(facts.commands.length > 0 && { commands: facts.commands.map(({ text }) => text) }),
    paths: facts.paths.map(({ act, forms }) => `${act} ${forms.join(' or ')}`),
    ...(facts.hosts.length > 0 && {
      hosts: facts.hosts.map(({ host, port }) => `${host}:${port}`),
    }),
    ...(facts.mcp !== null && {
      mcp: facts.mcp.readings.map(({ server, tool }) => `${server}/${tool}`),
    }),
    unknown: [...facts.unknown].sort(),
    ...(facts.opaque.length > 0 && { opaque: facts.opaque }),
  };
}

/** What the recorded agent asked for, as the desk keeps it. */
function recorded(agent: keyof typeof LAUNCHERS) {
  const file = new URL(`../../../../fakes/transcripts/${agent}.jsonl`, import.meta.url);
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { message?: { method?: string; params?: unknown } })
    .filter(({ message }) => message?.method === 'session/request_permission')
    .map(({ message }) => read(approvalFromPermission(message?.params), agent));
}

const SHELL = 'printf "porch\\n" > shell.txt && cat shell.txt';

test.each(['claude', 'opencode', 'gemini'] as const)(
  'the recorded calls of %s are read',
  (agent) => {
    const [shell, hello] = recorded(agent);
    expect([shell?.commands, shell?.paths.includes('write /workspace/shell.txt')]).toEqual([
      [SHELL],
      true,
    ]);
    expect(hello).toEqual({ paths: ['write /workspace/hello.txt'], unknown: ['hosts'] });
  },
);

test('the recorded calls of Codex are commands, each with its folder', () => {
  expect(recorded('codex').map(({ commands, opaque }) => ({ commands, opaque }))).toEqual([
    { commands: [SHELL] },
    { commands: ["printf '%s' 'Hello from the porch.\n' > '/workspace/hello.txt'"] },
    { commands: ["printf '%s' 'Hello from the porch.\n' > '/workspace/hello.txt'"] },
  ]);
});

const call = (kind: AskedCall['kind'], tool: string, input: unknown, title = tool): AskedCall => ({
  kind,
  title,
  call: { tool, input, locations: [], diff: [] },
});

test('the words of a command reach it as they are, shell or none', () => {
  expect([
    read(call('execute', 'shell', { command: ['bash', '-lc', 'npm test'] }), 'codex').commands,
    read(call('execute', 'shell', { command: ['echo', "it's; rm -rf /"] }), 'codex').commands,
  ]).toEqual([["bash -lc 'npm test'"], [`echo 'it'\\''s; rm -rf /'`]]);
});

test('a command that runs elsewhere, or that is not told, is not known whole', () => {
  expect([
    read(call('execute', 'Bash', { command: 'npm test', cwd: '/workspace' })).unknown,
    read(call('execute', 'Bash', { command: 'npm test', cwd: '/elsewhere' })).unknown,
    read(call('execute', 'Bash', {})).opaque,
    read(
      call(
        'execute',
        'run_shell_command',
        { title: 'npm test', text: '[current working directory /x] (y)' },
        'npm test',
      ),
      'gemini',
    ).unknown,
  ]).toEqual([
    ['hosts', 'paths'],
    ['command', 'hosts', 'paths'],
    ['it does not say which command it runs'],
    ['command', 'hosts', 'paths'],
  ]);
});

test('patches name their files, and OpenCode lists them', () => {
  const patch =
    '*** Begin Patch\n*** Add File: a.ts\n+x\n*** Delete File: b.ts\n*** Update File: c.ts\n*** Move to: d.ts\n@@\n-*** Add File: no.ts\n';
  expect([
    read(call('edit', 'apply_patch', { patch })).paths,
    read(
      call('edit', 'edit', {
        filepath: 'a.ts',
        files: [{ filePath: '/workspace/a.ts', type: 'move', movePath: '/workspace/b.ts' }],
      }),
      'opencode',
    ).paths,
  ]).toEqual([
    [
      'write /workspace/a.ts',
      'delete /workspace/b.ts',
      'write /workspace/c.ts',
      'move /workspace/d.ts',
    ],
    ['write /workspace/a.ts', 'move /workspace/b.ts'],
  ]);
});

test('MCP tools are told by the name that their agent gives them', () => {
  expect([
    read(call('other', 'mcp__github__get_issue', { owner: 'x' })),
    read(call('other', 'mcp__a__b__c', {})).mcp,
    read(call('other', 'other', {}, 'github_get_issue'), 'opencode').mcp,
    read(call('other', 'other', {}, 'external_directory'), 'opencode').mcp,
    read(call('execute', 'execute', { server: 'x', tool: 'y', arguments: {} }, 'mcp.x.y'), 'codex')
      .mcp,
  ]).toEqual([
    { paths: [], mcp: ['github/get_issue'], unknown: ['hosts', 'paths'] },
    ['a/b__c', 'a__b/c'],
    ['github/get_issue', 'github_get/issue'],
    undefined,
    ['x/y'],
  ]);
});

test('hosts are those of URLs, of what programs reach, and of remotes', () => {
  expect([
    read(call('fetch', 'WebFetch', { url: 'https://Example.COM:8443/x', prompt: 'y' })).hosts,
    read(call('fetch', 'WebSearch', { query: 'cats' })),
    read(
      call('execute', 'Bash', {
        command: 'curl example.com/x -o y && git clone git@github.com:a/b.git && ssh ada@10.0.0.1',
      }),
    ).hosts,
    read(call('other', 'fetch', { target: { link: 'https://a.example/' } })).hosts,
  ]).toEqual([
    ['example.com:8443'],
    { paths: [], unknown: ['hosts', 'paths'] },
    ['example.com:80', 'github.com:22', '10.0.0.1:22'],
    ['a.example:443'],
  ]);
});

test('a field that nobody knows makes paths and hosts unknown', () => {
  expect(
    read(call('edit', 'Write', { file_path: 'a.ts', content: 'x', also: '/etc/passwd' })).unknown,
  ).toEqual(['hosts', 'paths']);
});

test('a call beyond the bounds cannot be told', () => {
  const many = Array.from({ length: 3_000 }, (_, at) => `f${at}`);
  let deep: unknown = 'x';
  for (let at = 0; at < 50; at += 1) deep = { deep };
  expect([
    read(call('edit', 'Write', { paths: many })).opaque,
    read(call('edit', 'Write', { paths: many.slice(0, 300) })).opaque,
    read(call('edit', 'Write', deep)).opaque,
    read(call('other', 'x', { y: 'z'.repeat(300_000) })).opaque,
    read(call('edit', 'Write', { file_path: 'a', content: 'z'.repeat(30_000_000) })).opaque,
  ]).toEqual([
    ['its input is too large to look at'],
    ['it names too many paths to look at'],
    ['its input is too large to look at'],
    ['it is too long to look at'],
    undefined,
  ]);
});
