import { picture } from '../support/picture.ts';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { HostClient } from '../../src/connection/host-client.ts';
import { homeOf, type Home } from '../../src/local/home.ts';
import { commandIdSchema } from '../../src/protocol/ids.ts';
import { RealLogind, whyNoLogind } from '../support/real-logind.ts';
import { TestBuses } from '../support/test-bus.ts';
import { startDesktop, type DesktopSession } from './support/desktop-session.ts';
import { endHost, hostOf, startDemo } from './support/host-of.ts';
import { isAlive, startTrayApp, type TrayApp } from './support/tray-app.ts';

const LIMIT_MS = 30_000;
const COMMAND = commandIdSchema.parse('0198c0de-0000-7000-8000-000000000002');

let desktop: DesktopSession;
let buses: TestBuses;
let logind: RealLogind;
let home: Home;
let app: TrayApp | null = null;
let client: HostClient | null = null;

/** The tray, the host and the holder as they are built, on a real logind of their own. */
const real = test.skipIf(whyNoLogind() !== null);

beforeAll(async () => {
  if (whyNoLogind() !== null) return;
  desktop = await startDesktop();
  buses = await TestBuses.start();
  logind = await RealLogind.start(buses);
});
afterEach(async () => {
  client?.close();
  if (app !== null && isAlive(app.pid)) await app.electron.close();
  if (home !== undefined) await endHost(home, LIMIT_MS);
});
afterAll(async () => {
  await buses?.stop();
  await desktop?.stop();
});

async function blocked(): Promise<string[]> {
  const list = await logind.inhibitors();
  return list
    .filter(({ mode }) => mode === 'block')
    .flatMap(({ what }) => what)
    .toSorted();
}
const untilBlocked = async (expected: readonly string[]): Promise<void> =>
  await expect.poll(blocked, { timeout: LIMIT_MS }).toEqual(expected);

real('from the click in the tray to the lock in logind, and back', async () => {
  home = homeOf({ PORCHLIGHT_HOME: join(desktop.folder, 'home') });
  mkdirSync(home.root, { mode: 0o700 });
  // Where the sensors of the machine that this runs on have no say.
  writeFileSync(home.config, JSON.stringify({ power: { batteryFloor: 0, heatStop: 110 } }));
  const running = await startTrayApp(desktop, home.root, {
    args: ['--hidden'],
    env: {
      DBUS_SYSTEM_BUS_ADDRESS: buses.env.DBUS_SYSTEM_BUS_ADDRESS,
      XDG_STATE_HOME: join(desktop.folder, 'state'),
    },
  });
  app = running;
  const says = async (words: RegExp): Promise<void> =>
    void (await running.tray.until(`tooltip ${words}`, LIMIT_MS, async () =>
      words.test(await running.tray.tooltip()),
    ));
  await says(/^All is quiet\.$/u);
  client = await hostOf(home);
  const folder = join(desktop.folder, 'work');
  mkdirSync(folder);
  const sessionId = await startDemo(client, folder, 'SCRIPT:hang cancel=ok');
  await untilBlocked(['idle']);
  await running.tray.click([/^Awake/u, 'Lid too']);
  await untilBlocked(['handle-lid-switch', 'idle']);
  await says(/^1 working\. Safe to close the lid\.$/u);
  await running.tray.click([/^Awake, lid may be closed/u, 'What holds it awake…']);
  const page = await running.window(LIMIT_MS);
  const dialog = page.getByRole('dialog', { name: 'Awake and lid' });
  await dialog.getByText('The lid may be closed.').waitFor();
  await picture(page, 'power-real-host');
  await running.tray.click([/^Awake/u, 'Hold for 2 hours']);
  await dialog.getByRole('button', { name: /^Release: / }).waitFor();
  await client.call('session.cancel', { commandId: COMMAND, sessionId });
  // The hold by hand outlives the turn.
  await dialog.getByText('held for').waitFor();
  await running.tray.click([/^Awake/u, 'Release the hold']);
  await untilBlocked([]);
  await dialog.getByText('Nothing: the machine sleeps as it would without Porchlight.').waitFor();
  await says(/^All is quiet\.$/u);
});
