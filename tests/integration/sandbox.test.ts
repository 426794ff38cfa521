import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { SessionId } from '../../src/protocol/ids.ts';
import { dist, eventually, HostUnderTest, newCommandId, text } from './support/host-under-test.ts';
import { processesOfInstance } from './support/processes.ts';

const bwrap = spawnSync('bwrap', [
  '--unshare-user',
  '--ro-bind',
  '/',
  '/',
  '--dev',
  '/dev',
  'true',
]);
const works = bwrap.status === 0;
if (!works)
  process.stderr.write(
    `\nSKIPPED: bubblewrap does not work here: ${String(bwrap.stderr ?? bwrap.error)}\n\n`,
  );

/** What decides an approval for whoever can reach the host's socket; its words are put together late. */
const decider = join(import.meta.dirname, '..', 'fakes', 'decide-by-itself.mjs');

describe.runIf(works)('in bubblewrap', () => {
  const host = new HostUnderTest({ sandbox: { sessions: 'all' } });
  const outside = join(homedir(), `.porchlight-sandbox-test-${process.pid}`);
  beforeAll(async () => {
    await host.connect();
  });
  afterAll(async () => {
    rmSync(outside, { force: true });
    await host.stop();
  });

  const runs = async (command: string, cwd = host.workspace): Promise<SessionId> => {
    const { sessionId } = await host.client.call('session.start', {
      commandId: newCommandId(),
      ...{ agent: 'demo', cwd, share: true, isolate: 'none', mode: 'auto' },
      prompt: text(`SCRIPT:shell cmd=${command}`),
    } as Parameters<typeof host.client.call<'session.start'>>[1]);
    await host.turnEnded(sessionId);
    return sessionId;
  };
  const result = () => readFileSync(join(host.workspace, 'result'), 'utf8');
  afterEach(() => rmSync(join(host.workspace, 'result'), { force: true }));

  test('it writes in its folder and in a temporary one of its own, and nowhere else', async () => {
    const here = join(host.workspace, 'here');
    const tmp = `/tmp/porchlight-sandbox-${process.pid}`;
    const id = await runs(
      `touch ${here}; touch ${tmp} && echo tmp >> result; touch ${outside} || echo outside >> result; touch /etc/porchlight-x || echo etc >> result; touch ${join(host.folder, 'beside')} || echo beside >> result`,
    );
    expect([
      existsSync(here),
      existsSync(tmp),
      existsSync(outside),
      existsSync(join(host.folder, 'beside')),
      result(),
      (await host.state(id)).sandbox,
    ]).toEqual([true, false, false, false, 'tmp\noutside\netc\n', 'bubblewrap']);
  });

  test('Porchlight is not there for it: neither its home, nor its sockets, nor its command', async () => {
    // A checkout below /tmp is not there for it either.
    const copy = join(host.workspace, 'porchlight');
    cpSync(join(dist, 'cli'), join(copy, 'dist', 'cli'), { recursive: true });
    cpSync(join(dist, '..', 'package.json'), join(copy, 'package.json'));
    const cli = join(copy, 'dist', 'cli', 'main.js');
    const approval = 'a_bbbbbbbbbbbb';
    await runs(
      `ls -A ${host.home.root} | grep -v -e agents -e demo > result; test -S ${host.home.hostSocket} && echo socket >> result; env | grep -c PORCHLIGHT_HOME >> result; PORCHLIGHT_HOME=${host.home.root} ${process.execPath} ${cli} --no-start approve ${approval} >> result 2>&1; echo code $? >> result`,
    );
    expect(result()).toMatch(/^0\n.*not running.*\ncode 3\n$/su);
  });

  test('it does not get out: no unmounting, no other process, no kernel setting, also where the host is root', async () => {
    const { pid } = await host.client.call('host.status', {});
    await runs(
      `umount ${host.home.root}; umount /tmp; mount -t tmpfs x /mnt && echo mounted >> result; ls /proc/${pid}/root/ && echo root >> result; cat /proc/${pid}/environ && echo environ >> result; cat /proc/${pid}/fd/0 && echo fd >> result; nsenter -t ${pid} -m true && echo entered >> result; echo x > /proc/sys/kernel/core_pattern && echo kernel >> result; ls -A ${host.home.root} | grep -v -e agents -e demo >> result; echo end >> result`,
    );
    expect(result()).toBe('end\n');
  });

  test('what would act in your name elsewhere is not there for it', async () => {
    const key = join(homedir(), '.ssh', 'porchlight-test-key');
    mkdirSync(join(homedir(), '.ssh'), { recursive: true, mode: 0o700 });
    writeFileSync(key, 'secret', { mode: 0o600 });
    try {
      await runs(`cat ${key} >> result; echo read $? >> result; ls /run >> result`);
    } finally {
      rmSync(key);
    }
    expect(result()).not.toContain('secret');
    expect(result()).toMatch(/^read 1\n/u);
  });

  test('it commits in a repository, but what git runs there for others it cannot change', async () => {
    const repo = join(host.folder, 'repo');
    mkdirSync(repo);
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@t', ...args], {
        cwd: repo,
        encoding: 'utf8',
      });
    git('init', '-q');
    git('commit', '-q', '--allow-empty', '-m', 'first');
    await runs(
      `git -c user.name=T -c user.email=t@t commit -q --allow-empty -m second; echo x > .git/hooks/post-checkout; git config core.fsmonitor evil; git config alias.st evil; true`,
      repo,
    );
    expect([
      git('log', '--format=%s').trim().split('\n'),
      existsSync(join(repo, '.git', 'hooks', 'post-checkout')),
      readFileSync(join(repo, '.git', 'config'), 'utf8').includes('evil'),
    ]).toEqual([['second', 'first'], false, false]);
  });

  test('works in a worktree inside the home, of which it sees nothing else', async () => {
    const repo = join(host.folder, 'base');
    mkdirSync(repo);
    execFileSync('git', ['init', '-q'], { cwd: repo });
    execFileSync(
      'git',
      ['-c', 'user.name=T', '-c', 'user.email=t@t', 'commit', '-q', '--allow-empty', '-m', 'x'],
      { cwd: repo },
    );
    const { sessionId, worktree } = await host.client.call(
      'session.start',
      {
        commandId: newCommandId(),
        ...{ agent: 'demo', cwd: repo, mode: 'auto', isolate: 'worktree' },
        prompt: text(
          `SCRIPT:shell cmd=git status --short > seen; ls ${host.home.root} >> seen; touch ${repo}/not-mine`,
        ),
      },
      90_000,
    );
    await host.turnEnded(sessionId);
    const seen = readFileSync(join(worktree ?? '', 'seen'), 'utf8')
      .trim()
      .split('\n');
    expect([seen.filter((name) => name !== 'agents'), existsSync(join(repo, 'not-mine'))]).toEqual([
      ['?? seen', 'demo', 'worktrees'],
      false,
    ]);
  });

  test('stopped, or killed, nothing of it is left, whatever it had started', async () => {
    for (const end of ['stop', 'kill'] as const) {
      const { sessionId } = await host.client.call('session.start', {
        commandId: newCommandId(),
        ...{ agent: 'demo', cwd: host.workspace, share: true, mode: 'auto' },
        prompt: text('SCRIPT:shell cmd=setsid sleep 1000 & sleep 1000'),
      });
      const { instance } = await host.until(sessionId, (state) => state.state === 'working');
      const all = await eventually(async () => {
        const found = processesOfInstance(instance ?? '');
        return found.length >= 5 ? found : null;
      });
      if (end === 'stop')
        await host.client.call('session.stop', { sessionId, commandId: newCommandId() });
      else process.kill(Math.min(...all.map(({ pid }) => pid)), 'SIGKILL');
      await eventually(async () =>
        processesOfInstance(instance ?? '').length === 0 ? true : null,
      );
    }
  });

  test('a script of its own that finds the socket without naming it decides nothing', async () => {
    expect(await selfApproval(host)).toEqual({ said: 'no host', open: 1 });
  });
});

describe('without a sandbox', () => {
  const host = new HostUnderTest();
  beforeAll(async () => {
    await host.connect();
  });
  afterAll(async () => {
    await host.stop();
  });

  // Not a wish but a fact, which docs/security.md tells: code of the same user is the same user.
  test('a script of the agent that finds the socket without naming it decides an approval', async () => {
    expect(await selfApproval(host)).toEqual({ said: 'decided', open: 0 });
  });
});

/** One session waits; the agent of another runs the script, once a person has allowed just that. */
async function selfApproval(host: HostUnderTest) {
  const waiting = await host.start('demo', 'SCRIPT:approve n=1');
  await host.approval(waiting);
  const copy = join(host.workspace, 'tidy-up.mjs');
  writeFileSync(copy, readFileSync(decider));
  const { sessionId } = await host.client.call('session.start', {
    commandId: newCommandId(),
    ...{ agent: 'demo', cwd: host.workspace, share: true },
    prompt: text(`SCRIPT:shell cmd=${process.execPath} tidy-up.mjs > said`),
  });
  await host.allow(await host.approval(sessionId));
  await host.turnEnded(sessionId);
  const open = (await host.state(waiting)).approvals.length;
  await host.client.call('session.stop', { sessionId: waiting, commandId: newCommandId() });
  return { said: readFileSync(join(host.workspace, 'said'), 'utf8').trim(), open };
}
