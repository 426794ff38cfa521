import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { homeOf, type Home } from '../../src/local/home.ts';
import { treeOf } from '../bench/process-memory.ts';
import { startDesktop, type DesktopSession } from './support/desktop-session.ts';
import { endHost, hostOf, nextHostOf, startDemo, untilSession } from './support/host-of.ts';
import { isAlive, startTrayApp, type TrayApp } from './support/tray-app.ts';

const LIMIT_MS = 30_000;

let desktop: DesktopSession;
let home: Home;
let homes = 0;
let app: TrayApp;

beforeAll(async () => {
  desktop = await startDesktop();
});
afterAll(async () => {
  await desktop.stop();
});
beforeEach(async () => {
  homes += 1;
  home = homeOf({ PORCHLIGHT_HOME: join(desktop.folder, `home-${homes}`) });
  app = await startTrayApp(desktop, home.root, { args: ['--hidden'] });
  await says('All is quiet.');
});
afterEach(async () => {
  if (isAlive(app.pid)) await app.electron.close();
  await endHost(home, LIMIT_MS);
});

const says = async (tooltip: string): Promise<void> =>
  void (await app.tray.until(
    `tooltip "${tooltip}"`,
    LIMIT_MS,
    // What it goes on to say of the lid is that of the machine that this runs on.
    async () => (await app.tray.tooltip()).startsWith(tooltip),
  ));

async function gone(pids: readonly number[]): Promise<void> {
  await expect.poll(() => pids.filter(isAlive), { timeout: LIMIT_MS }).toEqual([]);
}

describe('the tray app and the real host', () => {
  test('Quit leaves the host and what it runs alone', async () => {
    const folder = join(desktop.folder, 'quit');
    mkdirSync(folder);
    const client = await hostOf(home);
    const { pid, keeperPid } = await client.call('host.status', {});
    const sessionId = await startDemo(client, folder, 'SCRIPT:approve n=1');
    await says('1 needs you');
    // The keeper counts as the child of whoever started it, until that one is gone.
    const kept = new Set(treeOf([keeperPid]));
    const ours = treeOf([app.pid]).filter((process) => !kept.has(process));
    await app.tray.click(['Quit tray app']);
    await app.ended;
    await gone(ours);
    expect([isAlive(pid), isAlive(keeperPid)]).toEqual([true, true]);
    const { session } = await client.call('session.show', { sessionId });
    expect([session.state, session.approvals.length]).toEqual(['waiting', 1]);

    app = await startTrayApp(desktop, home.root, { args: ['--hidden'] });
    await says('1 needs you');
    await app.tray.click([/^Allow\?/, 'Allow']);
    const done = await untilSession(
      client,
      sessionId,
      'end of the turn',
      ({ turn }) => turn?.endedAt != null,
      LIMIT_MS,
    );
    expect(done.turn?.outcome).toBe('completed');
    client.close();
  });

  test('SIGTERM quits in good order: the window says where it was, host and sessions go on', async () => {
    const client = await hostOf(home);
    const { pid, keeperPid } = await client.call('host.status', {});
    await app.tray.click(['Open Porchlight']);
    await app.window(LIMIT_MS);
    const box = { x: 40, y: 30, width: 900, height: 600 };
    await app.electron.evaluate(
      ({ BrowserWindow }, to) => BrowserWindow.getAllWindows()[0]?.setBounds(to),
      box,
    );
    process.kill(app.pid, 'SIGTERM');
    await app.ended;
    const saved = JSON.parse(readFileSync(join(home.app, 'preferences.json'), 'utf8')) as {
      windowBox: { width: number; height: number };
    };
    expect([saved.windowBox.width, saved.windowBox.height]).toEqual([box.width, box.height]);
    expect([isAlive(pid), isAlive(keeperPid)]).toEqual([true, true]);
    client.close();
  });

  test('Start at login is written for this desktop, ticked, and taken back', async () => {
    const autostart = join(desktop.env.XDG_CONFIG_HOME ?? '', 'autostart');
    const entries = (): string[] =>
      readdirSync(autostart).filter((name) => name.startsWith('porch'));
    await app.tray.click(['Start at login']);
    await expect.poll(() => existsSync(autostart) && entries().length).toBe(1);
    const [entry = ''] = entries();
    expect(readFileSync(join(autostart, entry), 'utf8')).toContain(`PORCHLIGHT_HOME=${home.root}`);
    await app.tray.click(['Start at login']);
    await expect.poll(entries).toEqual([]);
  });

  test('Stop everything leaves nothing', async () => {
    const folder = join(desktop.folder, 'stop');
    mkdirSync(folder);
    const client = await hostOf(home);
    const { pid, keeperPid } = await client.call('host.status', {});
    await startDemo(client, folder, 'SCRIPT:hang');
    await says('1 working.');
    const all = treeOf([app.pid, pid, keeperPid]);
    await app.electron.evaluate(({ dialog }) => {
      dialog.showMessageBox = async () => ({ response: 1, checkboxChecked: false });
    });
    await app.tray.click(['Stop everything']);
    await app.ended;
    await gone(all);
  });

  test('a host that dies comes back without the tray app’s doing, and one that is stopped is waited for', async () => {
    const client = await hostOf(home);
    const { pid, keeperPid } = await client.call('host.status', {});
    process.kill(pid, 'SIGKILL');
    const again = await nextHostOf(home, pid, LIMIT_MS);
    await says('All is quiet.');
    expect((await again.call('host.status', {})).keeperPid).toBe(keeperPid);
    await again.call('host.stop', { all: true });
    await says('Porchlight: The host is not running; sessions wait until it is started.');
    await gone([keeperPid]);
    await app.tray.click([/^The host is not running/, 'Start the host']);
    await says('All is quiet.');
  });

  test('a host that refuses to start says why, and starts once that is mended', async () => {
    await (await hostOf(home)).call('host.stop', { all: true });
    await says('Porchlight: The host is not running; sessions wait until it is started.');
    writeFileSync(home.config, '{"agents":{},"lamp":"red"}');
    await app.tray.click([/^The host is not running/, 'Start the host']);
    const said = await app.tray.until('word of the unknown key', LIMIT_MS, async () => {
      const tooltip = await app.tray.tooltip();
      return tooltip.includes('lamp') ? tooltip : null;
    });
    expect(said).toContain(home.config);
    writeFileSync(home.config, '{"agents":{}}');
    await app.tray.click([/^Porchlight|config/, 'Start the host']);
    await says('All is quiet.');
  });
});
