import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { systemdUnit } from '../../../src/cli/service/systemd-unit.ts';
import { isAnswering } from '../../../src/local/private-socket.ts';
import { homeOf } from '../../../src/local/home.ts';
import { dist, eventually } from '../support/host-under-test.ts';
import { UserManager } from './user-manager.ts';

const manager = await UserManager.start();
afterAll(() => manager?.close());

interface HostStatus {
  readonly pid: number;
  readonly keeperPid: number;
}

// A real user manager: where none can be had (no namespaces, no systemd) nothing here is tested.
describe.skipIf(manager === null)('a real systemd user manager', { timeout: 120_000 }, () => {
  if (manager === null) return;
  const { folder } = manager;
  const home = homeOf(manager.env);
  /** A build at a path that needs every kind of quoting. */
  const build = join(folder, `it's $HOME 50% "off"`);
  const cli = (...args: string[]): string =>
    `${quoted(process.execPath)} ${quoted(join(build, 'dist/cli/main.js'))} ${args.join(' ')}`;
  const json = async <T>(...args: string[]): Promise<T | null> => {
    const { code, out } = await manager.run(cli('--json', ...args));
    return code === 0 ? (JSON.parse(out) as T) : null;
  };
  const hostOnce = async (fits: (status: HostStatus) => boolean): Promise<HostStatus> =>
    await eventually(async () => {
      const status = await json<HostStatus>('host', 'status');
      return status !== null && fits(status) ? status : null;
    });
  const file = (): string =>
    readdirSync(join(folder, 'config/systemd/user')).find((name) => name.startsWith('porch')) ?? '';
  const unit = async (property: string): Promise<string> =>
    (await manager.run(`systemctl --user show -P ${property} ${file()}`)).out;
  const alive = async (...pids: number[]): Promise<number[]> => {
    const { out } = await manager.run(
      pids.map((pid) => `kill -0 ${pid} 2>/dev/null && echo ${pid}`).join('; '),
    );
    return out.split('\n').filter(Boolean).map(Number);
  };

  test('starts keeper and host, and both come back by themselves', async () => {
    mkdirSync(build);
    for (const name of ['cli', 'keeper', 'host'])
      cpSync(join(dist, name), join(build, 'dist', name), { recursive: true });
    cpSync(join(dist, '..', 'package.json'), join(build, 'package.json'));
    symlinkSync(join(dist, '..', 'node_modules'), join(build, 'node_modules'));

    expect(await json('service', 'install')).toMatchObject({
      installed: true,
      enabled: true,
      kind: 'systemd',
      current: true,
    });
    const first = await hostOnce(() => true);
    expect(Number(await unit('MainPID'))).toBe(first.keeperPid);

    await manager.run(`kill -KILL ${first.pid}`);
    const since = performance.now();
    await eventually(async () => ((await isAnswering(home.hostSocket)) ? true : null));
    const awayMs = performance.now() - since;
    const second = await hostOnce(({ pid }) => pid !== first.pid);
    expect([second.keeperPid === first.keeperPid, awayMs < 2_000]).toEqual([true, true]);

    await manager.run(`kill -KILL ${first.keeperPid}`);
    const third = await hostOnce(({ keeperPid }) => keeperPid !== first.keeperPid);
    await eventually(async () => (Number(await unit('MainPID')) === third.keeperPid ? true : null));
    expect(await alive(first.pid, second.pid, first.keeperPid)).toEqual([]);
  });

  test('installing again leaves what runs alone', async () => {
    const before = await hostOnce(() => true);
    await json('service', 'install');
    expect((await hostOnce(() => true)).pid).toBe(before.pid);
  });

  test('stays down after "host stop", and stopping the unit ends everything in order', async () => {
    const before = await hostOnce(() => true);
    await json('host', 'stop');
    await eventually(async () => ((await unit('ActiveState')) === 'inactive' ? true : null));
    expect([await unit('Result'), await unit('NRestarts'), await alive(before.pid)]).toEqual([
      'success',
      '1',
      [],
    ]);
    await manager.run(`systemctl --user start ${file()}`);
    const again = await hostOnce(() => true);
    await manager.run(`systemctl --user stop ${file()}`);
    expect([await unit('Result'), await alive(again.pid, again.keeperPid)]).toEqual([
      'success',
      [],
    ]);
  });

  test('is back after the power was cut, with nobody there to ask for it', async () => {
    await manager.cutPower();
    await manager.boot();
    const back = await hostOnce(() => true);
    expect(Number(await unit('MainPID'))).toBe(back.keeperPid);
  });

  test('is gone after remove, and what runs goes on', async () => {
    const before = await hostOnce(() => true);
    expect(await json('service', 'remove')).toMatchObject({ installed: false, enabled: false });
    expect((await hostOnce(() => true)).pid).toBe(before.pid);
    await json('host', 'stop');
  });

  test('hands program, arguments and variables over as they are', async () => {
    const odd = join(folder, `$HOME it's "50%h" \\n ü`);
    const said = join(folder, 'said');
    mkdirSync(odd);
    const script = join(odd, 'say it');
    writeFileSync(script, `#!/bin/bash\nprintf '%s\\n' "$0" "$@" "$ODD" >${quoted(said)}\n`);
    chmodSync(script, 0o755);
    const words = [`$HOME \${HOME} %h "q" 'q' \\ ; ü`, '', '$'];
    writeFileSync(
      join(folder, 'config/systemd/user/odd.service'),
      systemdUnit({
        name: 'odd',
        command: script,
        args: words,
        env: { ODD: `$HOME %h "x" \\` },
        keeperState: folder,
      }),
    );
    await manager.run('systemctl --user daemon-reload; systemctl --user start odd.service');
    const text = await eventually(async () => {
      try {
        return readFileSync(said, 'utf8');
      } catch {
        return null;
      }
    });
    expect(text.split('\n').slice(0, -1)).toEqual([script, ...words, `$HOME %h "x" \\`]);
  });
});

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
