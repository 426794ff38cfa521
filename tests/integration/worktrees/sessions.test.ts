import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RpcFailure } from '../../../src/protocol/errors.ts';
import type { SessionId } from '../../../src/protocol/ids.ts';
import type { Params, Result } from '../../../src/protocol/methods.ts';
import { dist, eventually, HostUnderTest, newCommandId, text } from '../support/host-under-test.ts';

const LIMIT_MS = 60_000;
const agents = {
  quick: {
    command: process.execPath,
    args: [join(dist, 'demo-agent', 'main.js'), '--speed', '20'],
  },
};

let host: HostUnderTest;
let root: string;

const git = (folder: string, ...args: string[]): string =>
  execFileSync('git', args, {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trimEnd();

function repository(name: string): string {
  const folder = join(realpathSync(host.folder), name);
  mkdirSync(folder);
  git(folder, 'init', '-q', '-b', 'main');
  git(folder, 'config', 'user.name', 'Ann');
  git(folder, 'config', 'user.email', 'ann@example.org');
  writeFileSync(join(folder, 'a.txt'), 'one\n');
  git(folder, 'add', '-A');
  git(folder, 'commit', '-q', '-m', 'first');
  return folder;
}

async function start(
  cwd: string,
  more: Partial<Params<'session.start'>> = {},
): Promise<Result<'session.start'>> {
  const params = { commandId: newCommandId(), agent: 'quick', cwd, ...more };
  return await host.client.call('session.start', params, LIMIT_MS);
}

async function refusal(work: Promise<unknown>): Promise<RpcFailure> {
  const error = await work.then(
    () => null,
    (failure: unknown) => failure,
  );
  if (error instanceof RpcFailure) return error;
  throw new Error(`It was not refused: ${String(error)}`);
}

const worktreeOf = (started: Result<'session.start'>): string => {
  if (started.worktree === null) throw new Error('no worktree');
  return started.worktree;
};
const discard = async (sessionId: SessionId, force = false) =>
  await host.client.call(
    'session.discard',
    { sessionId, commandId: newCommandId(), force },
    LIMIT_MS,
  );

beforeAll(async () => {
  host = new HostUnderTest({ agents });
  root = repository('my "repo" ü');
  await host.connect();
});
afterAll(async () => await host.stop());

describe('a session in a repository', () => {
  it('works in a worktree of its own; its work is landed, goes on, and the rest is discarded', async () => {
    writeFileSync(join(root, '.git', 'info', 'exclude'), '.env\n');
    writeFileSync(join(root, '.env'), 'KEY=1');
    writeFileSync(join(root, '.worktreeinclude'), '.env\n');
    git(root, 'add', '-A');
    git(root, 'commit', '-q', '-m', 'what sessions need');
    host.writeConfig({ agents, worktrees: { setup: { [root]: 'echo "$PWD" > setup.out' } } });
    const started = await start(root, { title: 'Say hello', prompt: text('SCRIPT:approve n=1') });
    const worktree = worktreeOf(started);
    expect([started.cwd, readFileSync(join(worktree, '.env'), 'utf8')]).toEqual([
      worktree,
      'KEY=1',
    ]);
    expect(readFileSync(join(worktree, 'setup.out'), 'utf8')).toBe(`${worktree}\n`);
    host.writeConfig({ agents });
    const { sessionId } = started;
    const approval = await host.approval(sessionId);
    const busy = { sessionId, commandId: newCommandId() };
    expect((await refusal(host.client.call('session.land', busy, LIMIT_MS))).message).toContain(
      'is waiting: its work cannot be landed now',
    );
    expect((await refusal(discard(sessionId, true))).message).toContain('cannot be discarded now');
    await host.allow(approval);
    await host.turnEnded(sessionId);
    writeFileSync(join(worktree, 'a.txt'), 'two\n');
    const { files } = await host.client.call('session.changes', { sessionId });
    expect(files.map(({ path }) => path)).toContain('a.txt');
    const landing = {
      sessionId,
      commandId: newCommandId(),
      way: 'squash',
      message: 'Hello',
    } as const;
    const landed = await host.client.call('session.land', landing, LIMIT_MS);
    expect(await host.client.call('session.land', landing, LIMIT_MS)).toEqual(landed);
    expect([landed.outcome, git(root, 'log', '-1', '--format=%s %H')]).toEqual([
      'landed',
      `Hello ${landed.commit}`,
    ]);
    writeFileSync(join(worktree, 'more.txt'), 'not landed\n');
    expect((await refusal(discard(sessionId))).data).toMatchObject({
      kind: 'wouldLose',
      files: ['more.txt'],
    });
    const { keptAs } = await discard(sessionId, true);
    expect(keptAs).toBe('refs/porchlight/kept/say-hello');
    expect(git(root, 'show', `${keptAs}:more.txt`)).toBe('not landed');
    expect([existsSync(worktree), git(root, 'branch', '--list', 'porchlight/*')]).toEqual([
      false,
      '',
    ]);
    expect(await host.state(sessionId)).toMatchObject({
      state: 'ended',
      worktreeState: 'discarded',
    });
    expect((await refusal(host.send(sessionId, 'hello'))).message).toContain('was discarded');
    const types = (await host.events(sessionId)).map(({ type }) => type);
    expect(types.filter((type) => /^worktree|^agent\.st|ended$/.test(type))).toEqual([
      'worktree.made',
      'agent.starting',
      'agent.started',
      'turn.ended',
      'worktree.landed',
      'session.ended',
      'worktree.discarded',
    ]);
  });

  it('gets a name of its own though two start at once with one title', async () => {
    const both = await Promise.all([
      start(root, { title: 'Twin' }),
      start(root, { title: 'Twin' }),
    ]);
    const branches = both.map((started) => git(worktreeOf(started), 'branch', '--show-current'));
    expect(branches.toSorted()).toEqual(['porchlight/twin', 'porchlight/twin-2']);
    for (const { sessionId } of both) await discard(sessionId);
  });

  it('gets its worktree back when somebody deleted the folder, with the next prompt', async () => {
    const started = await start(root, { title: 'Deleted' });
    const { sessionId } = started;
    await host.client.call('session.stop', { sessionId, commandId: newCommandId() });
    rmSync(worktreeOf(started), { recursive: true });
    const gone = host.client.call('session.changes', { sessionId });
    expect((await refusal(gone)).message).toContain('is gone from the disk');
    await host.send(sessionId, 'SCRIPT:stream n=1 rate=1000');
    await host.turnEnded(sessionId);
    expect(readFileSync(join(worktreeOf(started), 'a.txt'), 'utf8')).toBe(
      git(root, 'show', 'HEAD:a.txt') + '\n',
    );
    const notices = (await host.events(sessionId)).filter(({ type }) => type === 'notice');
    expect(notices).toMatchObject([{ text: expect.stringContaining('was gone') }]);
    await discard(sessionId);
  });

  it('starts all the same when the setup command fails, and says so', async () => {
    host.writeConfig({ agents, worktrees: { setup: { [root]: 'echo broken; exit 7' } } });
    const { sessionId } = await start(root, { title: 'Setup' });
    expect((await host.state(sessionId)).state).toBe('idle');
    const notices = (await host.events(sessionId)).filter(({ type }) => type === 'notice');
    expect(notices).toMatchObject([{ text: expect.stringContaining('ended with 7: broken') }]);
    host.writeConfig({ agents });
    await discard(sessionId);
  });

  it('is looked for before it starts', async () => {
    const look = await host.client.call('folder.look', { path: root });
    expect(look).toEqual({ path: root, git: { root, branch: 'main' }, sessions: [] });
  });
});

describe('a folder without git', () => {
  it('is one session’s own, by whatever name, unless it is shared on purpose', async () => {
    const folder = join(realpathSync(host.folder), 'plain');
    mkdirSync(join(folder, 'inner'), { recursive: true });
    symlinkSync(folder, join(host.folder, 'link'));
    const first = await start(folder, { title: 'First' });
    const asked = [folder, join(folder, 'inner'), join(folder, '..'), join(host.folder, 'link')];
    for (const cwd of asked) {
      const { message, data } = await refusal(start(cwd));
      expect([cwd, message, data]).toEqual([
        cwd,
        expect.stringContaining(`${first.sessionId} "First" works`),
        { kind: 'shared', sessions: [first.sessionId] },
      ]);
    }
    const look = await host.client.call('folder.look', { path: join(host.folder, 'link') });
    expect(look).toEqual({ path: folder, git: null, sessions: [first.sessionId] });
    const second = await start(join(host.folder, 'link', 'inner'), { share: true });
    expect((await host.state(second.sessionId)).shared).toBe(true);
    await host.client.call('session.stop', {
      sessionId: first.sessionId,
      commandId: newCommandId(),
    });
    await host.client.call('session.stop', {
      sessionId: second.sessionId,
      commandId: newCommandId(),
    });
    const third = await start(folder, { title: 'Third' });
    const back = host.client.call('session.resume', {
      sessionId: first.sessionId,
      commandId: newCommandId(),
    });
    expect((await refusal(back)).message).toContain(`${third.sessionId} "Third" works there`);
    expect((await refusal(host.send(first.sessionId, 'hello'))).message).toContain('is taken');
    await host.client.call('session.stop', {
      sessionId: third.sessionId,
      commandId: newCommandId(),
    });
  });

  it('has no worktree, and says so', async () => {
    const folder = join(host.folder, 'other');
    mkdirSync(folder);
    const asked = refusal(start(folder, { isolate: 'worktree' }));
    expect((await asked).message).toContain('is not in a git repository');
    const { sessionId } = await start(folder);
    const changes = host.client.call('session.changes', { sessionId });
    expect((await refusal(changes)).message).toContain('has no worktree of its own');
  });
});

describe('a host that is killed', () => {
  /** A filter that takes its time tells that it has begun, and waits until it may go on. */
  function slowRepository(): { folder: string; begun: string; mayEnd: string } {
    const folder = repository(`slow-${Math.trunc(performance.now())}`);
    const begun = join(folder, '.git', 'begun');
    const mayEnd = join(folder, '.git', 'may-end');
    const filter = join(folder, '.git', 'filter.sh');
    writeFileSync(
      filter,
      `#!/bin/sh\necho $$ >> '${begun}'\ni=0\nwhile [ ! -e '${mayEnd}' ] && [ $i -lt 300 ]; do sleep 0.1; i=$((i+1)); done\nexec cat\n`,
    );
    chmodSync(filter, 0o755);
    writeFileSync(join(folder, '.gitattributes'), '*.slow filter=slow\n');
    writeFileSync(join(folder, 'b.slow'), 'content\n');
    git(folder, 'add', '-A');
    git(folder, 'commit', '-q', '-m', 'slow');
    git(folder, 'config', 'filter.slow.smudge', `'${filter}'`);
    return { folder, begun, mayEnd };
  }

  const kill = async (): Promise<void> => {
    const { pid } = await host.client.call('host.status', {});
    process.kill(pid, 'SIGKILL');
    await eventually(async () => {
      try {
        return (await host.connect()) && (await host.client.call('host.status', {})).pid !== pid
          ? true
          : null;
      } catch {
        return null;
      }
    });
  };

  it('in the middle of a checkout begins it anew, and the session gets its agent', async () => {
    const { folder, begun, mayEnd } = slowRepository();
    void start(folder, { title: 'Killed' }).catch(() => undefined);
    await eventually(async () => (existsSync(begun) ? true : null));
    await kill();
    writeFileSync(mayEnd, '');
    const { sessions } = await host.client.call('session.list', {});
    const session = sessions.find(({ title }) => title === 'Killed');
    if (session?.worktree == null) throw new Error('no session');
    const { id, worktree } = session;
    await host.until(id, ({ state }) => state === 'idle', LIMIT_MS);
    expect([
      readFileSync(join(worktree, 'b.slow'), 'utf8'),
      git(worktree, 'status', '-sb'),
    ]).toEqual(['content\n', '## porchlight/killed']);
    expect(await host.state(id)).toMatchObject({ worktreeState: 'made' });
    await discard(id);
    expect(git(folder, 'branch', '--format=%(refname:short)')).toBe('main');
  });

  it('in the middle of a landing leaves no base half landed, and landing again lands it once', async () => {
    const { folder, begun, mayEnd } = slowRepository();
    writeFileSync(mayEnd, '');
    const started = await start(folder, { title: 'Landing' });
    const { sessionId } = started;
    writeFileSync(join(worktreeOf(started), 'a.txt'), 'two\n');
    rmSync(mayEnd);
    rmSync(begun);
    const before = git(folder, 'rev-parse', 'main');
    const landing = { sessionId, commandId: newCommandId() };
    void host.client.call('session.land', landing, LIMIT_MS).catch(() => undefined);
    await eventually(async () => (existsSync(begun) ? true : null));
    await kill();
    expect(git(folder, 'rev-parse', 'main')).toBe(before);
    writeFileSync(mayEnd, '');
    const landed = await host.client.call('session.land', landing, LIMIT_MS);
    expect([landed.outcome, git(folder, 'rev-list', '--count', `${before}..main`)]).toEqual([
      'landed',
      '2',
    ]);
    expect([
      readFileSync(join(folder, 'a.txt'), 'utf8'),
      git(folder, 'status', '--porcelain'),
    ]).toEqual(['two\n', '']);
    await discard(sessionId);
  });
});
