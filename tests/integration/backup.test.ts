import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually, HostUnderTest, isAlive } from './support/host-under-test.ts';
import { Program, type Ran } from './cli-under-test.ts';

let host: HostUnderTest;
let archive: string;

beforeEach(async () => {
  host = new HostUnderTest({ history: { keepArchivedDays: 7 } });
  archive = join(host.folder, 'a copy.tar.gz');
  await host.connect();
});
afterEach(async () => await host.stop());

async function runCli(args: readonly string[], home: string): Promise<Ran> {
  const env = { ...process.env, PORCHLIGHT_HOME: home };
  return await new Program(args, host.folder, env).done;
}

async function cli(...args: string[]): Promise<Ran> {
  return await runCli(args, host.home.root);
}

async function stopped(): Promise<void> {
  const { pid, keeperPid } = await host.client.call('host.status', {});
  await host.client.call('host.stop', { all: true });
  await eventually(async () => (isAlive(pid) || isAlive(keeperPid) ? null : true));
}

test('a backup taken while a session works comes back: new epoch, turn told interrupted, queue held', async () => {
  const id = await host.start('demo', 'SCRIPT:stream n=100000 rate=200');
  await host.until(id, (state) => state.lastSeq > 30);
  await host.send(id, 'SCRIPT:stream n=3 rate=500');
  const { epoch, state } = await host.client.call('session.follow', { sessionId: id });
  mkdirSync(join(host.home.root, 'worktrees', 'some repo', 'ünï "q"'), { recursive: true });
  const odd = join(host.home.root, 'worktrees', 'some repo', 'ünï "q"');
  writeFileSync(join(odd, `${'long name '.repeat(20)}.txt`), 'uncommitted\n');
  writeFileSync(join(odd, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
  symlinkSync('run.sh', join(odd, 'link'));
  symlinkSync('/etc/passwd', join(odd, 'out'));

  const saved = await cli('backup', archive, '--json');
  expect(saved).toMatchObject({ code: 0 });
  expect(JSON.parse(saved.stdout)).toEqual({
    path: archive,
    bytes: statSync(archive).size,
    sessions: 1,
  });
  expect(statSync(archive).mode & 0o777).toBe(0o600);
  expect((await cli('backup', archive)).stderr).toContain('exists already');
  expect((await cli('restore', archive)).stderr).toContain('The host is running');
  // The session works on, and its agent lives, when the home becomes what it was.
  await host.until(id, (now) => now.lastSeq > state.lastSeq + 50);
  await stopped();
  expect(await cli('restore', archive)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('--force moves it aside'),
  });
  const restored = await cli('restore', archive, '--force', '--json');
  expect(restored).toMatchObject({ code: 0, stderr: expect.stringContaining('1 link') });
  const { keptAside, ...rest } = JSON.parse(restored.stdout);
  expect(rest).toEqual({ home: host.home.root, sessions: 1 });
  expect(readdirSync(keptAside)).toContain('porchlight.db');
  expect(readdirSync(odd).toSorted()).toEqual(
    [`${'long name '.repeat(20)}.txt`, 'link', 'run.sh'].toSorted(),
  );
  expect(readFileSync(join(odd, 'link'), 'utf8')).toBe('#!/bin/sh\n');
  expect(statSync(join(odd, 'run.sh')).mode & 0o777).toBe(0o755);
  expect(JSON.parse(readFileSync(host.home.config, 'utf8'))).toMatchObject({
    history: { keepArchivedDays: 7 },
  });

  await host.connect();
  // A surface with the cursor of before starts over.
  const again = await host.client.call('session.follow', {
    sessionId: id,
    epoch,
    cursor: state.lastSeq,
  });
  expect([again.epoch === epoch, again.continues]).toEqual([false, false]);
  const after = await host.until(id, (now) => now.turn?.outcome === 'interrupted');
  expect(after).toMatchObject({ held: true, queue: [{ by: 'test' }] });
  const events = await host.events(id);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
});

test('a repository finds its worktree again in a home that was moved', async () => {
  const repository = host.workspace;
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
      cwd: repository,
      encoding: 'utf8',
    });
  git('init', '-q');
  git('commit', '-q', '--allow-empty', '-m', 'one');
  const tree = join(host.home.root, 'worktrees', 'w1');
  git('worktree', 'add', '-q', '-b', 'porchlight/w1', tree);
  writeFileSync(join(tree, 'new.txt'), 'work\n');
  expect((await cli('backup', archive)).code).toBe(0);
  const other = join(host.folder, 'other home');
  const run = await runCli(['restore', archive], other);
  expect(run).toMatchObject({ code: 0 });
  const moved = join(other, 'worktrees', 'w1');
  expect(execFileSync('git', ['status', '--short'], { cwd: moved, encoding: 'utf8' })).toBe(
    '?? new.txt\n',
  );
  expect(git('worktree', 'list')).toContain(moved);
});

/** A tar.gz with the manifest and then these entries. */
function evil(
  entries: { path: string; type?: 'File' | 'SymbolicLink' | 'Link'; linkpath?: string }[],
) {
  const manifest = JSON.stringify({
    porchlightBackup: 1,
    version: '0',
    createdAt: new Date().toISOString(),
    home: '/h',
    sessions: 0,
  });
  const block = (fields: object, text = ''): Buffer => {
    const header = Buffer.alloc(512);
    new Header({ type: 'File', mode: 0o644, size: text.length, ...fields }).encode(header, 0);
    return Buffer.concat([
      header,
      Buffer.from(text.padEnd(Math.ceil(text.length / 512) * 512, '\0')),
    ]);
  };
  const parts = [
    block({ path: 'porchlight-backup.json' }, manifest),
    block({ path: 'porchlight.db' }, 'x'),
    ...entries.map((entry) => block(entry)),
    Buffer.alloc(1_024),
  ];
  writeFileSync(archive, gzipSync(Buffer.concat(parts)));
}

test('an archive that reaches out of the home, or is half of one, changes nothing', async () => {
  const target = join(host.folder, 'new home');
  const restore = async () => await runCli(['restore', archive], target);
  const cases: Record<string, () => void> = {
    'a name that goes up': () => evil([{ path: 'worktrees/../../up.txt' }]),
    'a name from the root': () => evil([{ path: '/tmp/porchlight-evil.txt' }]),
    'a name of its own': () => evil([{ path: 'keeper/running.json' }]),
    'the same name twice': () => evil([{ path: 'porchlight.db' }]),
    'a hard link': () => evil([{ path: 'worktrees/l', type: 'Link', linkpath: '/etc/passwd' }]),
    'no archive': () => writeFileSync(archive, 'hello'),
    'nothing in it': () => writeFileSync(archive, ''),
  };
  for (const [name, make] of Object.entries(cases)) {
    make();
    const run = await restore();
    expect([name, run.code, existsSync(target)]).toEqual([name, 1, false]);
    expect(run.stderr).toContain('a copy.tar.gz');
  }
  await host.start('demo');
  await cli('backup', join(host.folder, 'whole.tar.gz'));
  const whole = readFileSync(join(host.folder, 'whole.tar.gz'));
  writeFileSync(archive, whole.subarray(0, whole.length / 2));
  expect([(await restore()).code, existsSync(target)]).toEqual([1, false]);
  expect(readdirSync(host.folder).filter((name) => name.includes('restoring'))).toEqual([]);
});

test('a link in the archive is never written through', async () => {
  const target = join(host.folder, 'new home');
  evil([
    { path: 'worktrees/l', type: 'SymbolicLink', linkpath: '..' },
    { path: 'worktrees/l/through.txt' },
  ]);
  const run = await runCli(['restore', archive], target);
  expect([run.code, existsSync(target)]).toEqual([1, false]);
});
