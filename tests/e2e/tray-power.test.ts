import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { homeOf, type Home } from '../../src/local/home.ts';
import { commandIdSchema } from '../../src/protocol/ids.ts';
import type { LidReport } from '../../src/protocol/power.ts';
import { FakeHost, listen, type Listening } from '../fakes/fake-host.ts';
import { NotificationDaemon } from '../fakes/notification-daemon.ts';
import { find, outline } from '../fakes/status-notifier-host.ts';
import { startDesktop, type DesktopSession } from './support/desktop-session.ts';
import { awake, awakeWithoutLight, set } from './support/power-scenes.ts';
import { startTrayApp, type TrayApp } from './support/tray-app.ts';

const LIMIT_MS = 10_000;
const TEST_LIMIT_MS = 60_000;
const COMMAND = commandIdSchema.parse('0198c0de-0000-7000-8000-000000000001');

let desktop: DesktopSession;
let notifications: NotificationDaemon;
let home: Home;
let homes = 0;
let host: FakeHost;
let listening: Listening;
let app: TrayApp | null = null;

beforeAll(async () => {
  desktop = await startDesktop();
  const bus = desktop.env.DBUS_SESSION_BUS_ADDRESS;
  if (bus === undefined) throw new Error('The desktop has no session bus.');
  notifications = await NotificationDaemon.start(bus);
}, TEST_LIMIT_MS);
afterAll(async () => {
  notifications.stop();
  await desktop.stop();
});

beforeEach(async () => {
  homes += 1;
  home = homeOf({ PORCHLIGHT_HOME: join(desktop.folder, `home-${homes}`) });
  mkdirSync(home.root, { mode: 0o700 });
  host = new FakeHost();
  listening = await listen(host, home.hostSocket);
});
afterEach(async () => {
  await app?.electron.close();
  app = null;
  await listening.close();
});

async function startAtWork(): Promise<TrayApp> {
  const ids = [1, 2].map((n) => host.addSession({ title: `Session ${n}` }));
  for (const id of ids) host.append(id, { type: 'turn.started', turn: 1, commandId: COMMAND });
  awake(host, ids);
  app = await startTrayApp(desktop, home.root, { args: ['--hidden'] });
  return app;
}

const says = async (running: TrayApp, tooltip: string): Promise<void> =>
  void (await running.tray.until(
    `tooltip "${tooltip}"`,
    LIMIT_MS,
    async () => (await running.tray.tooltip()) === tooltip,
  ));

/** Which pixels are painted, whatever their colour, a row a string. */
async function shapeOf(running: TrayApp): Promise<string[]> {
  const { pixels, width } = await running.tray.icon();
  const alphas = [...pixels].filter((_, index) => index % 4 === 0);
  const rows = alphas.map((alpha) => (alpha > 127 ? '#' : '.')).join('');
  return rows.match(new RegExp(`.{${width}}`, 'gu')) ?? [];
}

/** A row of which three quarters are painted; the lamp is narrower. */
function barOf(rows: readonly string[]): boolean {
  return rows.some((row) => row.replaceAll('.', '').length >= 0.75 * row.length);
}

const last = (method: string): unknown =>
  host.calls.findLast((call) => call.method === method)?.params;

async function reaches(method: string): Promise<unknown> {
  await expect.poll(() => last(method), { timeout: LIMIT_MS }).toBeDefined();
  return last(method);
}

describe('the tray and the lid', { timeout: TEST_LIMIT_MS }, () => {
  test('shows by shape and in words that the lid may be closed, and when it may not', async () => {
    const running = await startAtWork();
    await says(running, '2 working. Safe to close the lid.');
    const safe = await shapeOf(running);
    awakeWithoutLight(host);
    await says(
      running,
      '2 working. Keep the lid open. KDE’s power management acts on the lid itself.',
    );
    const open = await shapeOf(running);
    set(host, { safeToCloseLid: true, reasons: [] });
    await says(running, '2 working. Safe to close the lid.');
    expect(await shapeOf(running)).toEqual(safe);
    // The lamp stands on a bar nearly as wide as the picture.
    expect([barOf(safe.slice(-3)), barOf(open)]).toEqual([true, false]);
    // Whoever vouched for the light is gone.
    await listening.close();
    await says(running, 'Porchlight: The host is not running; sessions wait until it is started.');
    expect(barOf(await shapeOf(running))).toBe(false);
  });

  test('its menu says how the machine is, and does what it offers', async () => {
    const running = await startAtWork();
    await says(running, '2 working. Safe to close the lid.');
    const line = find(await running.tray.menu(), ['Awake']);
    expect(outline(line === null ? [] : [line])).toBe(
      [
        'Awake, lid may be closed, 64 %',
        '  Off',
        '  Idle only',
        '  Lid too',
        '  ---',
        '  Hold for 1 hour',
        '  Hold for 2 hours',
        '  Release the hold',
        '  Sleep when done',
        '  ---',
        '  What holds it awake…',
        '',
      ].join('\n'),
    );
    const commandId = expect.any(String);
    await running.tray.click(['Awake', 'Hold for 2 hours']);
    expect(await reaches('power.hold')).toEqual({ commandId, forSec: 7_200, lid: false });
    await running.tray.click(['Awake', 'Release 2 holds']);
    expect(await reaches('power.release')).toEqual({ commandId });
    await running.tray.click(['Awake', 'Idle only']);
    expect(await reaches('power.setPolicy')).toEqual({
      commandId,
      policy: { keepAwake: 'idle' },
    });
    await running.tray.click(['Awake', 'Sleep when done']);
    expect(await reaches('power.sleepWhenDone')).toEqual({ commandId, on: true });
    set(host, { sleepsAt: new Date(Date.now() + 30_000).toISOString() });
    await running.tray.click(['Goes to sleep in a moment']);
    await expect
      .poll(() => last('power.sleepWhenDone'), { timeout: LIMIT_MS })
      .toEqual({ commandId, on: false });
    expect(running.electron.windows()).toEqual([]);
    await running.tray.click(['Awake', 'What holds it awake…']);
    const page = await running.window();
    await page.getByRole('dialog', { name: 'Awake and lid' }).waitFor();
  });

  test('a lid that is closed while the light is off is told once, and the click shows why', async () => {
    const running = await startAtWork();
    await says(running, '2 working. Safe to close the lid.');
    await running.electron.evaluate(({ shell }) => {
      const heard = globalThis as { beeps?: number };
      heard.beeps = 0;
      shell.beep = () => void (heard.beeps = (heard.beeps ?? 0) + 1);
    });
    const report: LidReport = {
      closedAt: new Date().toISOString(),
      openedAt: null,
      wasSafe: true,
      sessions: [],
      battery: null,
      hottest: null,
      slept: [],
    };
    host.tell('power.lid', { report });
    awakeWithoutLight(host);
    await says(
      running,
      '2 working. Keep the lid open. KDE’s power management acts on the lid itself.',
    );
    host.tell('power.lid', { report: { ...report, wasSafe: false } });
    host.tell('power.lid', { report: { ...report, wasSafe: false } });
    await expect.poll(() => notifications.shown.length, { timeout: LIMIT_MS }).toBe(1);
    set(host, { safeToCloseLid: true, reasons: [] });
    await says(running, '2 working. Safe to close the lid.');
    const beeps = await running.electron.evaluate(() => (globalThis as { beeps?: number }).beeps);
    expect([beeps, notifications.shown]).toEqual([
      1,
      [
        {
          title: 'The lid was closed while work goes on',
          body: 'The machine may sleep now, and the work with it. KDE’s power management acts on the lid itself. Open the lid to go on.',
        },
      ],
    ]);
    notifications.click(1);
    const page = await running.window();
    await page.getByRole('dialog', { name: 'Awake and lid' }).waitFor();
  });
});
