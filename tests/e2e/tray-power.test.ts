import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { commandIdSchema } from '../../src/protocol/ids.ts';
import type { LidReport } from '../../src/protocol/power.ts';
import type { FakeHost } from '../fakes/fake-host.ts';
import { NotificationDaemon } from '../fakes/notification-daemon.ts';
import { find, outline } from '../fakes/status-notifier-host.ts';
import { awake, awakeWithoutLight, set } from './support/power-scenes.ts';
import type { TrayApp } from './support/tray-app.ts';
import { LIMIT_MS, says, shapeOf, TEST_LIMIT_MS, trayStage } from './support/tray-stage.ts';

const COMMAND = commandIdSchema.parse('0198c0de-0000-7000-8000-000000000001');

const stage = trayStage();
let notifications: NotificationDaemon;
let host: FakeHost;

beforeAll(async () => {
  const bus = stage.desktop.env.DBUS_SESSION_BUS_ADDRESS;
  if (bus === undefined) throw new Error('The desktop has no session bus.');
  notifications = await NotificationDaemon.start(bus);
}, TEST_LIMIT_MS);
afterAll(() => notifications.stop());
beforeEach(() => void ({ host } = stage));

async function startAtWork(): Promise<TrayApp> {
  const ids = [1, 2].map((n) => host.addSession({ title: `Session ${n}` }));
  for (const id of ids) host.append(id, { type: 'turn.started', turn: 1, commandId: COMMAND });
  awake(host, ids);
  return await stage.start('--hidden');
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
    await stage.stopHost();
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
