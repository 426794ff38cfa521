import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isAlive, KeeperUnderTest, until, type Recorder } from './keeper-under-test.ts';

let keeper: KeeperUnderTest;

beforeEach(() => {
  keeper = new KeeperUnderTest();
});
afterEach(async () => await keeper.close());

/** Starts an agent with two children and answers their pids: in its group, and in a session of its own. */
async function family(host: Recorder, instance: string): Promise<number[]> {
  await host.link.spawn(keeper.spec(instance, 'family'));
  await host.link.attach(instance, 0);
  await until(() => host.lines(instance).length > 0, 'the children');
  return JSON.parse(host.lines(instance)[0]?.line ?? '[]') as number[];
}

async function recorded(pids: readonly number[]): Promise<void> {
  const file = join(keeper.home.keeperState, 'running.json');
  await until(
    () => pids.every((pid) => readFileSync(file, 'utf8').includes(`"pid":${pid},`)),
    'the record of all children',
  );
}

describe.skipIf(process.platform === 'win32')('reaping', { timeout: 60_000 }, () => {
  it('ends an agent and its children, also those in a session of their own', async () => {
    await keeper.start();
    const host = await keeper.connect();
    const pids = await family(host, 'i_family');
    await host.link.end('i_family');
    const { status } = await host.told('exited');
    expect([pids.map(isAlive), status.state]).toEqual([[false, false], 'exited']);
  });

  it('ends children that lost their parent and their environment once they were recorded', async () => {
    await keeper.start();
    const host = await keeper.connect();
    await host.link.spawn(keeper.spec('i_lost', 'lose'));
    await host.link.attach('i_lost', 0);
    await until(() => host.lines('i_lost').length > 0, 'the child');
    const child = Number(host.lines('i_lost')[0]?.line);
    await recorded([child]);
    await host.link.write('i_lost', 1, 'cut loose');
    await host.line('i_lost', 'cut');
    await host.link.end('i_lost');
    expect(isAlive(child)).toBe(false);
  });

  it('ends what an agent leaves behind when it exits by itself, before it says so', async () => {
    await keeper.start();
    const host = await keeper.connect();
    const pids = await family(host, 'i_left');
    await host.link.write('i_left', 1, 'exit 7');
    const { status } = await host.told('exited');
    expect([pids.map(isAlive), status.code, status.lastOffset]).toEqual([[false, false], 7, 1]);
  });

  it('kills an agent that ignores SIGTERM after its grace', async () => {
    await keeper.start();
    const host = await keeper.connect();
    await host.link.spawn(keeper.spec('i_deaf', 'deaf'));
    await host.link.attach('i_deaf', 0);
    await host.line('i_deaf', 'deaf');
    const since = performance.now();
    await host.link.end('i_deaf');
    const tookMs = performance.now() - since;
    expect([(await host.told('exited')).status.signal, tookMs > 5_500, tookMs < 9_000]).toEqual([
      'SIGKILL',
      true,
      true,
    ]);
  });

  it('lets the next keeper end what a killed keeper left, the old host too, before it serves', async () => {
    const first = await keeper.start();
    const host = await keeper.connect();
    const pids = await family(host, 'i_orphan');
    await host.link.spawn(keeper.spec('i_orphan2', 'deaf'));
    const agentPids = (await host.link.list()).map(({ pid }) => pid ?? 0);
    await recorded([...agentPids, ...pids]);
    await until(() => keeper.hostStarts().length === 1, 'the host');
    const [hostPid = 0] = keeper.hostStarts();
    first.kill('SIGKILL');
    await until(() => first.signalCode !== null, 'the keeper to die');
    await keeper.start();
    const next = await keeper.connect();
    const left = [...pids, ...agentPids, hostPid].filter(isAlive);
    expect([left, await next.link.list()]).toEqual([[], []]);
    await until(() => keeper.hostStarts().length === 2, 'the new host');
  });

  it('finds what a killed keeper left by its mark when the record is damaged, before it serves', async () => {
    const first = await keeper.start();
    const host = await keeper.connect();
    const pids = await family(host, 'i_orphan');
    const [agent] = await host.link.list();
    await recorded(pids);
    first.kill('SIGKILL');
    await until(() => first.signalCode !== null, 'the keeper to die');
    writeFileSync(join(keeper.home.keeperState, 'running.json'), '{"boot":"');
    const others = spawn('sleep', ['60'], {
      stdio: 'ignore',
      env: { ...process.env, AGENT_KEEPER_INSTANCE: 'i_other', AGENT_KEEPER_HOME: 'another' },
    });
    await keeper.start();
    await keeper.connect();
    const left = [agent?.pid ?? 0, ...pids].filter(isAlive);
    expect([left, isAlive(others.pid ?? 0)]).toEqual([[], true]);
    others.kill('SIGKILL');
  });

  it('does not touch a process that has got the pid of a recorded one', async () => {
    await keeper.start().then(async (first) => {
      first.kill('SIGTERM');
      await until(() => first.exitCode !== null, 'the keeper to exit');
    });
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const bystander = spawn('sleep', ['60'], { stdio: 'ignore' });
    const record = {
      boot,
      host: null,
      instances: { i_old: [{ pid: bystander.pid, startedAt: '1' }] },
    };
    writeFileSync(join(keeper.home.keeperState, 'running.json'), JSON.stringify(record));
    await keeper.start();
    expect(isAlive(bystander.pid ?? 0)).toBe(true);
    bystander.kill('SIGKILL');
  });
});
