import { spawn, type ChildProcess } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dist, eventually, isAlive } from './support/host-under-test.ts';

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Status {
  readonly pid: number;
  readonly keeperPid: number;
}

const RUN_LIMIT_MS = 60_000;
const demo = {
  command: process.execPath,
  args: [join(dist, 'demo-agent', 'main.js'), '--speed', '20'],
};

let folder: string;
let home: string;
let workspace: string;
const children = new Set<ChildProcess>();

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'porchlight-cli-')));
  home = join(folder, 'home');
  workspace = join(folder, 'workspace');
  mkdirSync(workspace);
  mkdirSync(home, { mode: 0o700 });
  configure({ agents: { quick: demo } });
});

afterEach(async () => {
  await cli('host', 'stop', '--force');
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function configure(config: object): void {
  writeFileSync(join(home, 'config.json'), JSON.stringify(config));
}

/** The built command line as a process. */
class Program {
  readonly child: ChildProcess;
  readonly done: Promise<Ran>;
  stdout = '';
  stderr = '';

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.child = spawn(process.execPath, [join(dist, 'cli', 'main.js'), ...args], {
      cwd: workspace,
      env: {
        ...process.env,
        INIT_CWD: '',
        PORCHLIGHT_HOME: home,
        XDG_STATE_HOME: join(folder, 'state'),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: RUN_LIMIT_MS,
    });
    children.add(this.child);
    this.child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.done = new Promise((resolve) => {
      this.child.on('close', (code) => {
        children.delete(this.child);
        resolve({ code, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  numbers(): number[] {
    const whole = this.stdout.slice(0, this.stdout.lastIndexOf('\n') + 1);
    return whole
      .split('\n')
      .filter(Boolean)
      .map((line) => (JSON.parse(line) as { seq: number }).seq);
  }

  has(type: string): boolean {
    return this.stdout.includes(`"type":"${type}"`);
  }
}

async function cli(...args: string[]): Promise<Ran> {
  return await new Program(args).done;
}

async function json<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await cli(...args, '--json');
  expect([args, code, stderr]).toEqual([args, 0, '']);
  return JSON.parse(stdout) as T;
}

const start = async (prompt?: string) =>
  (
    await json<{ sessionId: string }>(
      'start',
      '--agent',
      'quick',
      ...(prompt === undefined ? [] : [prompt]),
    )
  ).sessionId;

const approvalOf = async (sessionId: string) =>
  await eventually(
    async () =>
      (await json<{ id: string; kind: string }[]>('approvals', '--session', sessionId))[0] ?? null,
  );

const until = async (sessionId: string, state: string) =>
  await eventually(async () =>
    (await json<{ state: string }>('show', sessionId)).state === state ? true : null,
  );

const watchAll = async (sessionId: string) => {
  const { code, stdout } = await cli('watch', sessionId, '--no-follow', '--json');
  expect(code).toBe(0);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { seq: number; type: string; text?: string });
};

describe('the host', () => {
  it('is not started by status, stop, logs and doctor', async () => {
    const ran = [
      await cli('host', 'status', '--json'),
      await cli('host', 'stop', '--json'),
      await cli('logs'),
      await cli('doctor', '--json'),
    ];
    expect(ran.map(({ code }) => code)).toEqual([3, 0, 0, 0]);
    expect([ran[0]?.stdout, ran[1]?.stdout, existsSync(join(home, 'host.sock'))]).toEqual([
      '{"running":false}\n',
      '{"running":false}\n',
      false,
    ]);
  });

  it('is started once by many at the same time, and holds none of their pipes', async () => {
    const all = await Promise.all(Array.from({ length: 4 }, async () => await cli('ls', '--json')));
    expect(all).toEqual(Array.from({ length: 4 }, () => ({ code: 0, stdout: '[]\n', stderr: '' })));
    const [first, second] = [
      await json<Status>('host', 'status'),
      await json<Status>('host', 'start'),
    ];
    expect([first.pid, first.keeperPid]).toEqual([second.pid, second.keeperPid]);
  });

  it('restart leaves keeper and agents; stop leaves nothing', async () => {
    const before = await json<Status>('host', 'start');
    const sessionId = await start();
    const after = await json<Status>('host', 'restart');
    expect([after.keeperPid, after.pid === before.pid]).toEqual([before.keeperPid, false]);
    await json('send', sessionId, 'SCRIPT:stream n=3 rate=100');
    await eventually(async () =>
      (await watchAll(sessionId)).some(({ type }) => type === 'turn.ended') ? true : null,
    );
    expect(await json('host', 'stop')).toEqual({ running: false });
    expect([isAlive(after.pid), isAlive(after.keeperPid)]).toEqual([false, false]);
  });

  it('stop refuses while a session works', async () => {
    const sessionId = await start('SCRIPT:hang cancel=ok');
    await until(sessionId, 'working');
    const refused = await cli('host', 'stop', '--json');
    expect([refused.code, refused.stdout, refused.stderr.includes(sessionId)]).toEqual([
      1,
      '',
      true,
    ]);
    expect(await json('host', 'stop', '--force')).toEqual({ running: false });
  });

  it('stop asks the keeper about agents when no host comes back', async () => {
    await until(await start('SCRIPT:hang cancel=ok'), 'working');
    const { pid, keeperPid } = await json<Status>('host', 'status');
    configure({ nonsense: 1 });
    process.kill(pid, 'SIGKILL');
    const refused = await cli('host', 'stop', '--json');
    expect([refused.code, refused.stdout, refused.stderr.includes('1 agent runs')]).toEqual([1, '', true]);
    expect([await json('host', 'stop', '--force'), isAlive(keeperPid)]).toEqual([{ running: false }, false]);
  });

  it('stop --force ends a host that hangs', async () => {
    const { pid, keeperPid } = await json<Status>('host', 'start');
    process.kill(pid, 'SIGSTOP');
    expect(await json('host', 'stop', '--force')).toEqual({ running: false });
    expect([isAlive(pid), isAlive(keeperPid)]).toEqual([false, false]);
  });

  it('run stays in the foreground, refuses a second, and SIGTERM ends everything', async () => {
    const running = new Program(['host', 'run', '--json']);
    const { pid, keeperPid } = await eventually(async () =>
      running.stdout.endsWith('\n') ? (JSON.parse(running.stdout) as Status) : null,
    );
    const second = await cli('host', 'run');
    expect([second.code, second.stdout, second.stderr.includes(`pid ${pid}`)]).toEqual([
      1,
      '',
      true,
    ]);
    running.child.kill('SIGTERM');
    expect([(await running.done).code, isAlive(pid), isAlive(keeperPid)]).toEqual([
      0,
      false,
      false,
    ]);
  });

  it('run ends with host stop from another terminal', async () => {
    const running = new Program(['host', 'run']);
    await eventually(async () => (running.stderr.includes('The host is running') ? true : null));
    expect([(await cli('host', 'stop')).code, (await running.done).code]).toEqual([0, 0]);
  });

  it('run --ui prints a link that works', async () => {
    const running = new Program(['host', 'run', '--ui']);
    const url = await eventually(async () =>
      running.stdout.endsWith('\n') ? running.stdout.trim() : null,
    );
    expect(new URL(url).hostname).toBe('127.0.0.1');
    running.child.kill('SIGINT');
    expect((await running.done).code).toBe(0);
  });

  it.each([['run'], ['start']])(
    '%s refuses a bad config.json, naming what is wrong, and leaves nothing behind',
    async (verb) => {
      configure({ agents: {}, nonsense: 1 });
      const { code, stdout, stderr } = await cli('host', verb, '--json');
      expect([code, stdout, stderr.includes('nonsense'), stderr.includes('config.json')]).toEqual([
        1,
        '',
        true,
        true,
      ]);
      expect((await cli('host', 'stop', '--force')).code).toBe(0);
    },
  );
});

describe('a session', () => {
  it('goes from start over approvals and a question to its end', async () => {
    const sessionId = await start('Write slugify.');
    const kinds: string[] = [];
    await eventually(async () => {
      for (const { id, kind } of await json<{ id: string; kind: string }[]>(
        'approvals',
        '--session',
        sessionId,
      )) {
        const { stdout } = await cli('approvals', '--session', sessionId);
        // What the list tells a person to type is what answers the question.
        const content = /porchlight answer \S+ '(.*)'/u.exec(stdout)?.[1];
        const decide = kind === 'question' ? ['answer', id, content ?? ''] : ['approve', id];
        expect(await json(...decide)).toEqual({ outcome: 'decided', receipt: 'delivered' });
        kinds.push(kind);
      }
      return (
        (await json<{ turns: { outcome: string | null }[] }>('show', sessionId)).turns[0]
          ?.outcome ?? null
      );
    }, 40_000);
    expect(kinds).toEqual(['edit', 'execute', 'question', 'edit']);
    expect(readFileSync(join(workspace, 'slugify.mjs'), 'utf8')).toContain('slugify');
    const events = await watchAll(sessionId);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
    expect((await cli('watch', sessionId, '--no-follow')).stdout).toContain('turn 1 completed');
  });

  it('tells a lost decision as JSON', async () => {
    const sessionId = await start('SCRIPT:shell cmd=true');
    const { id } = await approvalOf(sessionId);
    expect(await json('deny', id)).toMatchObject({ outcome: 'decided' });
    const late = await cli('approve', id, '--json');
    expect([late.code, JSON.parse(late.stdout)]).toEqual([
      1,
      { outcome: 'superseded', receipt: null },
    ]);
    const unknown = await cli('approve', 'a_zzzzzzzzzzzz', '--json');
    expect([unknown.code, unknown.stdout]).toEqual([1, '']);
  });

  it('is cancelled, stopped, resumed, put away, and changes its mode', async () => {
    const sessionId = await start('SCRIPT:hang cancel=ok');
    await until(sessionId, 'working');
    await json('cancel', sessionId);
    await until(sessionId, 'idle');
    expect(await json('mode', sessionId, 'plan')).toMatchObject({ mode: 'plan' });
    expect(await json('stop', sessionId)).toEqual({ state: 'ended' });
    expect(await json('resume', sessionId)).toEqual({ state: 'idle' });
    await json('stop', sessionId);
    await json('archive', sessionId);
    expect([
      await json('ls'),
      (await json<{ id: string }[]>('ls', '--all')).map(({ id }) => id),
    ]).toEqual([[], [sessionId]]);
  });

  it('is refused with a reason, and nothing on stdout', async () => {
    const ran = [
      await cli('start', '--agent', 'no-such-agent', '--json'),
      await cli('start', '--agent', 'quick', '--cwd', join(folder, 'nowhere'), '--json'),
      await cli('start', '--agent', 'quick', '--isolate', 'worktree', '--json'),
      await cli('show', 's_zzzzzzzzzzzz', '--json'),
    ];
    expect(ran.map(({ code, stdout, stderr }) => [code, stdout, stderr.length > 20])).toEqual(
      ran.map(() => [1, '', true]),
    );
  });
});

describe('watch', () => {
  it('gives every event once though the host is killed again and again', async () => {
    const sessionId = await start();
    const watching = new Program(['watch', sessionId, '--json']);
    await json('send', sessionId, 'SCRIPT:stream n=2000 rate=500');
    for (let kills = 0; kills < 3; kills += 1) {
      const seen = watching.numbers().length;
      await eventually(async () => (watching.numbers().length > seen + 50 ? true : null));
      process.kill((await json<Status>('host', 'status')).pid, 'SIGKILL');
    }
    await eventually(async () => (watching.has('turn.ended') ? true : null), 40_000);
    const numbers = watching.numbers();
    watching.child.kill('SIGINT');
    expect((await watching.done).code).toBe(0);
    expect(numbers).toEqual(numbers.map((_, i) => i + 1));
    const stored = await watchAll(sessionId);
    expect([
      numbers.length,
      stored.filter(({ type }) => type === 'agent.text').length >= 2_000,
    ]).toEqual([stored.length, true]);
  });

  it('ends when the host is stopped for good', async () => {
    const watching = new Program(['watch', await start(), '--json']);
    await eventually(async () => (watching.has('agent.started') ? true : null));
    await json('host', 'stop', '--force');
    const { code, stderr } = await watching.done;
    expect([code, stderr.includes('porchlight host start')]).toEqual([3, true]);
  });

  it('ends quietly when its reader leaves', async () => {
    const sessionId = await start('SCRIPT:stream n=5000 rate=2000');
    const shell = spawn(
      'sh',
      [
        '-c',
        '"$0" "$1" watch "$2" --json | head -n 3; sleep 0',
        process.execPath,
        join(dist, 'cli', 'main.js'),
        sessionId,
      ],
      {
        env: { ...process.env, PORCHLIGHT_HOME: home },
        timeout: RUN_LIMIT_MS,
      },
    );
    let [out, err] = ['', ''];
    shell.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    shell.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    await new Promise((resolve) => shell.on('close', resolve));
    expect([out.trim().split('\n').length, err]).toEqual([3, '']);
  });
});

describe('doctor and logs', () => {
  it('find a running host in order, and give JSON alone', async () => {
    await json('host', 'start');
    const rows = await json<{ check: string; ok: boolean }[]>('doctor');
    expect(
      rows
        .filter(({ check }) =>
          [
            'node',
            'home',
            'socket',
            'config',
            'database',
            'disk',
            'host',
            'keeper',
            'agent demo',
          ].includes(check),
        )
        .every(({ ok }) => ok),
    ).toBe(true);
    const { stdout } = await cli('logs', '--json');
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => typeof JSON.parse(line))
        .every((type) => type === 'object'),
    ).toBe(true);
  });
});
