import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { homeOf } from '../../src/local/home.ts';
import { end, startDesktop, type DesktopSession } from '../e2e/support/desktop-session.ts';
import { endHost, hostOf, startDemo, untilSession } from '../e2e/support/host-of.ts';
import { appEnv } from '../e2e/support/tray-app.ts';

const root = join(import.meta.dirname, '..', '..');
const PACKAGE_LIMIT_MS = 300_000;
const LIMIT_MS = 30_000;
const wait = { timeout: LIMIT_MS };
/** Somebody whom every Linux has. */
const USER = 'nobody';
const run = promisify(execFile);

/** What a person gets: the unpacked app of `npm run package`, started as it lies. */
describe.runIf(process.platform === 'linux')('the packaged app', () => {
  let desktop: DesktopSession;
  let app: string;
  let child: ChildProcess | null = null;

  beforeAll(async () => {
    desktop = await startDesktop();
    const output = join(desktop.folder, 'release');
    await run(
      process.execPath,
      [join(root, 'build', 'package.mjs'), '--dir', `-c.directories.output=${output}`],
      { timeout: PACKAGE_LIMIT_MS },
    );
    app = join(output, 'linux-unpacked', 'porchlight');
  }, PACKAGE_LIMIT_MS);
  afterAll(async () => {
    if (child !== null) await end(child);
    await desktop.stop();
  });

  test('lights the lamp, and runs keeper, host, holder, command line and demo agent out of its archive', async () => {
    const home = homeOf({ PORCHLIGHT_HOME: join(desktop.folder, 'home') });
    const env = appEnv(desktop, home.root);
    child = spawn(app, ['--hidden', '--disable-gpu'], { env, stdio: 'ignore' });
    try {
      const tray = await desktop.panel.item(1, LIMIT_MS);
      await tray.until('quiet', LIMIT_MS, async () => (await tray.tooltip()) === 'All is quiet.');
      const client = await hostOf(home);
      const { pid, keeperPid } = await client.call('host.status', {});
      const session = await startDemo(client, desktop.folder, 'SCRIPT:stream n=3');
      await untilSession(
        client,
        session,
        'end',
        ({ turn }) => (turn?.endedAt ?? null) !== null,
        LIMIT_MS,
      );
      const archive = join(app, '..', 'resources', 'app.asar');
      const cli = join(archive, 'dist', 'cli', 'main.js');
      const { stdout } = await run(app, [cli, 'agents', '--json'], {
        env: { ...env, ELECTRON_RUN_AS_NODE: '1' },
        timeout: LIMIT_MS,
      });
      const agents = JSON.parse(stdout) as { id: string; found: boolean }[];
      const looked = await run(app, [join(archive, 'dist', 'holder', 'main.js'), '--look'], {
        env: { ...env, ELECTRON_RUN_AS_NODE: '1' },
        timeout: LIMIT_MS,
      });
      expect({
        programs: [keeperPid, pid].map((id) => commandLine(id).slice(0, 2)),
        demo: agents.find(({ id }) => id === 'demo')?.found,
        look: Object.keys(JSON.parse(looked.stdout) as object),
      }).toEqual({
        programs: ['keeper', 'host'].map((name) => [
          realpathSync(app),
          join(archive, 'dist', name, 'main.js'),
        ]),
        demo: true,
        look: ['idle', 'lid', 'lidSettings', 'sensors'],
      });
    } finally {
      await endHost(home, LIMIT_MS);
    }
    expect(existsSync(home.hostSocket)).toBe(false);
  });

  test("shows its window in Chromium's sandbox, for an ordinary user", async (context) => {
    const user = ordinaryUser();
    const { status } = spawnSync(...user('unshare', '--user', 'true'));
    if (status !== 0) return context.skip('this system gives nobody a user namespace');
    const folder = join(desktop.folder, 'ordinary');
    chmodSync(desktop.folder, 0o755);
    mkdirSync(folder);
    if (process.getuid?.() === 0) spawnSync('chown', [USER, folder]);
    chmodSync(folder, 0o700);
    const home = join(folder, 'home');
    const env = {
      ...{ PATH: process.env.PATH, DISPLAY: desktop.env.DISPLAY, NO_AT_BRIDGE: '1' },
      ...{ HOME: folder, XDG_RUNTIME_DIR: folder, PORCHLIGHT_HOME: home, GTK_A11Y: 'none' },
    };
    const [command, args] = user('dbus-run-session', '--', app, '--disable-gpu');
    const session = spawn(command, args, { env, stdio: 'ignore', detached: true });
    const cli = join(app, '..', 'resources', 'app.asar', 'dist', 'cli', 'main.js');
    try {
      // A bus without a panel: the window opens by itself.
      await expect.poll(() => processesOf(app, '--type=renderer').length, wait).toBe(1);
      const [page = 0] = processesOf(app, '--type=renderer');
      await expect.poll(() => seccompOf(page), wait).toBe('filtered');
      expect(readlinkSync(`/proc/${page}/ns/user`)).not.toBe(readlinkSync('/proc/self/ns/user'));
    } finally {
      const [stop, stopArgs] = user(app, cli, 'host', 'stop', '--force');
      spawnSync(stop, stopArgs, { env: { ...env, ELECTRON_RUN_AS_NODE: '1' }, timeout: LIMIT_MS });
      if (session.pid !== undefined) process.kill(-session.pid, 'SIGKILL');
    }
  });
});

/** How to run a command as somebody who is not root: Chromium has no sandbox for root. */
function ordinaryUser(): (command: string, ...args: string[]) => [string, string[]] {
  return (command, ...args) =>
    process.getuid?.() === 0 ? ['runuser', ['-u', USER, '--', command, ...args]] : [command, args];
}

/** Chromium's children are forks that write over their command line: words between spaces. */
function processesOf(program: string, argument: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const words = commandLine(pid).join(' ');
      return words.startsWith(`${program} `) && words.includes(` ${argument} `);
    });
}

/** Whether the kernel filters a process's system calls: proc(5), Seccomp. */
function seccompOf(pid: number): 'filtered' | 'free' {
  return /^Seccomp:\s*2$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')) ? 'filtered' : 'free';
}

function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    // It ended while we looked.
    return [];
  }
}
