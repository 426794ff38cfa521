import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CliUnderTest, type Status } from './cli-under-test.ts';
import { eventually, isAlive } from './support/host-under-test.ts';

let bench: CliUnderTest;
beforeEach(() => {
  bench = new CliUnderTest();
});
afterEach(async () => await bench.end());

describe('the host', () => {
  it('is not started by status, stop, logs and doctor', async () => {
    const ran = [
      await bench.run('host', 'status', '--json'),
      await bench.run('host', 'stop', '--json'),
      await bench.run('logs'),
      await bench.run('doctor', '--json'),
    ];
    expect(ran.map(({ code }) => code)).toEqual([3, 0, 0, 0]);
    expect([ran[0]?.stdout, ran[1]?.stdout, existsSync(join(bench.home, 'host.sock'))]).toEqual([
      '{"running":false}\n',
      '{"running":false}\n',
      false,
    ]);
  });

  it('is started once by many at the same time, and holds none of their pipes', async () => {
    const all = await Promise.all(
      Array.from({ length: 4 }, async () => await bench.run('ls', '--json')),
    );
    expect(all).toEqual(Array.from({ length: 4 }, () => ({ code: 0, stdout: '[]\n', stderr: '' })));
    const [first, second] = [
      await bench.json<Status>('host', 'status'),
      await bench.json<Status>('host', 'start'),
    ];
    expect([first.pid, first.keeperPid]).toEqual([second.pid, second.keeperPid]);
  });

  it('restart leaves keeper and agents; stop leaves nothing', async () => {
    const before = await bench.json<Status>('host', 'start');
    const sessionId = await bench.start();
    const after = await bench.json<Status>('host', 'restart');
    expect([after.keeperPid, after.pid === before.pid]).toEqual([before.keeperPid, false]);
    await bench.json('send', sessionId, 'SCRIPT:stream n=3 rate=100');
    await eventually(async () =>
      (await bench.events(sessionId)).some(({ type }) => type === 'turn.ended') ? true : null,
    );
    expect(await bench.json('host', 'stop')).toEqual({ running: false });
    expect([isAlive(after.pid), isAlive(after.keeperPid)]).toEqual([false, false]);
  });

  it('stop refuses while a session works', async () => {
    const sessionId = await bench.start('SCRIPT:hang cancel=ok');
    await bench.until(sessionId, 'working');
    const refused = await bench.run('host', 'stop', '--json');
    expect([refused.code, refused.stdout, refused.stderr.includes(sessionId)]).toEqual([
      1,
      '',
      true,
    ]);
    expect(await bench.json('host', 'stop', '--force')).toEqual({ running: false });
  });

  it('stop asks the keeper about agents when no host comes back', async () => {
    await bench.until(await bench.start('SCRIPT:hang cancel=ok'), 'working');
    const { pid, keeperPid } = await bench.json<Status>('host', 'status');
    bench.configure({ nonsense: 1 });
    process.kill(pid, 'SIGKILL');
    const refused = await bench.run('host', 'stop', '--json');
    expect([refused.code, refused.stdout, refused.stderr.includes('1 agent runs')]).toEqual([
      1,
      '',
      true,
    ]);
    expect([await bench.json('host', 'stop', '--force'), isAlive(keeperPid)]).toEqual([
      { running: false },
      false,
    ]);
  });

  it('stop --force ends a host that hangs', async () => {
    const { pid, keeperPid } = await bench.json<Status>('host', 'start');
    process.kill(pid, 'SIGSTOP');
    expect(await bench.json('host', 'stop', '--force')).toEqual({ running: false });
    expect([isAlive(pid), isAlive(keeperPid)]).toEqual([false, false]);
  });

  it('run stays in the foreground, refuses a second, and SIGTERM ends everything', async () => {
    const running = bench.program('host', 'run', '--json');
    const { pid, keeperPid } = await eventually(async () =>
      running.stdout.endsWith('\n') ? (JSON.parse(running.stdout) as Status) : null,
    );
    const second = await bench.run('host', 'run');
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
    const running = bench.program('host', 'run');
    await eventually(async () => (running.stderr.includes('The host is running') ? true : null));
    expect([(await bench.run('host', 'stop')).code, (await running.done).code]).toEqual([0, 0]);
  });

  it('run --ui prints a link to loopback, and nothing else, on stdout', async () => {
    const running = bench.program('host', 'run', '--ui');
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
      bench.configure({ agents: {}, nonsense: 1 });
      const { code, stdout, stderr } = await bench.run('host', verb, '--json');
      expect([code, stdout, stderr.includes('nonsense'), stderr.includes('config.json')]).toEqual([
        1,
        '',
        true,
        true,
      ]);
      expect((await bench.run('host', 'stop', '--force')).code).toBe(0);
    },
  );
});
