import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isAlive, KeeperUnderTest, until } from './keeper-under-test.ts';

let keeper: KeeperUnderTest;

beforeEach(() => {
  keeper = new KeeperUnderTest();
});
afterEach(async () => await keeper.close());

describe('the keeper and its host', { timeout: 60_000 }, () => {
  it('starts the host, and again at once when it exits 0 or dies', async () => {
    await keeper.start();
    await until(() => keeper.hostStarts().length === 1, 'the host');
    keeper.signalHost(0, 'SIGKILL');
    await until(() => keeper.hostStarts().length === 2, 'the second host');
    keeper.signalHost(1, 'SIGUSR2');
    await until(() => keeper.hostStarts().length === 3, 'the third host');
    expect(keeper.hostStarts().map(isAlive)).toEqual([false, false, true]);
  });

  it('leaves when the host refuses to start', async () => {
    keeper.hostExits(78);
    const child = keeper.launch();
    await until(() => child.exitCode !== null, 'the keeper to leave');
    expect([
      child.exitCode,
      keeper.hostStarts().length,
      existsSync(keeper.home.keeperSocket),
    ]).toEqual([0, 1, false]);
  });

  it('stays with its agents when the host refuses to start', async () => {
    const child = await keeper.start();
    const host = await keeper.connect();
    await host.link.spawn(keeper.spec('i_kept', 'echo'));
    await until(() => keeper.hostStarts().length === 1, 'the host');
    keeper.hostExits(78);
    keeper.signalHost(0, 'SIGKILL');
    await until(() => keeper.hostStarts().length >= 2, 'the host that refuses');
    await host.link.attach('i_kept', 0);
    await host.link.write('i_kept', 1, 'still there');
    await host.line('i_kept', 'echo:still there');
    expect(child.exitCode).toBe(null);
  });

  it('waits longer and longer with a host that dies at once', async () => {
    keeper.hostExits(9);
    await keeper.start();
    await until(() => keeper.hostStarts().length === 4, 'four starts');
    const since = performance.now();
    await until(() => keeper.hostStarts().length === 5, 'the fifth start');
    expect(performance.now() - since).toBeGreaterThan(300);
  });

  it('ends agents and host on SIGTERM, and leaves nothing at its socket', async () => {
    const child = await keeper.start();
    const host = await keeper.connect();
    const { pid } = await host.link.spawn(keeper.spec('i_one', 'echo'));
    await until(() => keeper.hostStarts().length === 1, 'the host');
    child.kill('SIGTERM');
    await until(() => child.exitCode !== null, 'the keeper to exit');
    const alive = [pid ?? 0, ...keeper.hostStarts()].filter(isAlive);
    expect([child.exitCode, alive, existsSync(keeper.home.keeperSocket)]).toEqual([0, [], false]);
  });

  it('answers stop after its agents and before its host', async () => {
    const child = await keeper.start();
    const host = await keeper.connect();
    const { pid } = await host.link.spawn(keeper.spec('i_one', 'echo'));
    await host.link.stop();
    expect(isAlive(pid ?? 0)).toBe(false);
    await until(() => child.exitCode !== null, 'the keeper to exit');
    expect([child.exitCode, keeper.hostStarts().filter(isAlive)]).toEqual([0, []]);
  });
});

describe('a home with two keepers', { timeout: 60_000 }, () => {
  it('keeps exactly one of six that start together, also over what a killed one left', async () => {
    for (const left of ['nothing', 'a killed keeper']) {
      const all = Array.from({ length: 6 }, () => keeper.launch());
      await until(
        () => all.filter((child) => child.exitCode === 0).length === 5,
        `five of six to leave (over ${left})`,
        25_000,
      );
      const winner = all.find((child) => child.exitCode === null);
      const host = await keeper.connect();
      expect(host.link.keeperPid).toBe(winner?.pid);
      winner?.kill('SIGKILL');
      await until(() => winner?.signalCode !== null, 'the winner to die');
    }
  });

  it('lets one that is started while another stops take over', async () => {
    const first = await keeper.start();
    const host = await keeper.connect();
    await host.link.spawn(keeper.spec('i_deaf', 'deaf'));
    await host.link.attach('i_deaf', 0);
    await host.line('i_deaf', 'deaf');
    first.kill('SIGTERM');
    await until(() => !existsSync(keeper.home.keeperSocket), 'the first to stop listening');
    const second = await keeper.start();
    await until(() => first.exitCode !== null, 'the first to end');
    expect([second.exitCode, first.exitCode]).toEqual([null, 0]);
  });

  it('replaces a stale socket', async () => {
    mkdirSync(keeper.home.root, { recursive: true });
    const stale = createServer();
    await new Promise<void>((resolve) => stale.listen(`${keeper.home.keeperSocket}.x`, resolve));
    spawnSync('ln', [`${keeper.home.keeperSocket}.x`, keeper.home.keeperSocket]);
    await new Promise((resolve) => stale.close(resolve));
    expect(existsSync(keeper.home.keeperSocket)).toBe(true);
    await keeper.start();
    expect((await (await keeper.connect()).link.list()).length).toBe(0);
  });
});

describe('the keeper’s socket', { timeout: 30_000 }, () => {
  it('is for its owner alone', async () => {
    await keeper.start();
    expect([
      statSync(keeper.home.keeperSocket).mode & 0o777,
      statSync(keeper.home.root).mode & 0o777,
    ]).toEqual([0o600, 0o700]);
  });

  it.skipIf(process.getuid?.() !== 0)('refuses another user (needs root)', async () => {
    await keeper.start();
    spawnSync('chmod', ['755', join(keeper.home.root, '..'), keeper.home.root]);
    const script = `require('net').connect(${JSON.stringify(keeper.home.keeperSocket)}).on('connect',()=>console.log('in')).on('error',(e)=>console.log(e.code))`;
    const tried = spawnSync('runuser', ['-u', 'nobody', '--', process.execPath, '-e', script], {
      encoding: 'utf8',
    });
    expect(tried.stdout.trim()).toBe('EACCES');
  });

  it('survives garbage, wrong frames and a hello of another protocol', async () => {
    await keeper.start();
    const talk = async (text: string): Promise<string> =>
      await new Promise((resolve) => {
        let heard = '';
        const socket = connect(keeper.home.keeperSocket, () => socket.write(text + '\n'));
        socket.on('data', (chunk) => {
          heard += String(chunk);
          socket.end();
        });
        socket.on('close', () => resolve(heard));
        socket.on('error', () => {});
      });
    const codes: string[] = [];
    for (const text of [
      'GET / HTTP/1.1',
      '{"id":"x"}',
      '[]',
      'null',
      '{"id":1,"do":"nonsense"}',
      '{"id":1,"do":"spawn","instance":"../x"}',
      '{"id":1,"do":"list"}',
      '{"id":1,"do":"hello","protocol":99,"hostPid":1,"hostVersion":""}',
    ])
      codes.push(/"code":"(\w+)"/.exec(await talk(text))?.[1] ?? 'closed');
    expect(codes).toEqual([
      'closed',
      'closed',
      'closed',
      'closed',
      'badRequest',
      'badRequest',
      'helloFirst',
      'wrongProtocol',
    ]);
    expect((await (await keeper.connect()).link.list()).length).toBe(0);
  });

  it('serves the newest host and closes the one before', async () => {
    await keeper.start();
    const first = await keeper.connect();
    let reason = '';
    first.link.closed.on((why) => (reason = why));
    const second = await keeper.connect();
    await until(() => reason !== '', 'the first link to close');
    await expect(first.link.list()).rejects.toThrow('closed');
    expect(await second.link.list()).toEqual([]);
  });
});

describe('a keeper without a usable home', () => {
  it('says why and exits 1', async () => {
    writeFileSync(keeper.home.root, 'a file');
    const child = keeper.launch();
    let said = '';
    child.stderr?.on('data', (chunk) => (said += String(chunk)));
    await until(() => child.exitCode !== null, 'the keeper to exit');
    expect([child.exitCode, /EEXIST|ENOTDIR/.test(said)]).toEqual([1, true]);
  });
});
