import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { homeOf } from '../../src/local/home.ts';
import { end, startDesktop, type DesktopSession } from '../e2e/support/desktop-session.ts';
import { endHost, hostOf, startDemo, untilSession } from '../e2e/support/host-of.ts';
import { appEnv } from '../e2e/support/tray-app.ts';

const root = join(import.meta.dirname, '..', '..');
const PACKAGE_LIMIT_MS = 300_000;
const LIMIT_MS = 60_000;
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

  test('lights the lamp, and runs keeper, host, command line and demo agent out of its archive', async () => {
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
      expect({
        programs: [keeperPid, pid].map(commandOf),
        demo: agents.find(({ id }) => id === 'demo')?.found,
      }).toEqual({
        programs: ['keeper', 'host'].map((name) => [
          realpathSync(app),
          join(archive, 'dist', name, 'main.js'),
        ]),
        demo: true,
      });
    } finally {
      await endHost(home, LIMIT_MS);
    }
    expect(existsSync(home.hostSocket)).toBe(false);
  });
});

function commandOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, 2);
}
