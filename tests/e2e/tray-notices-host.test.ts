import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { HostClient } from '../../src/connection/host-client.ts';
import { homeOf, type Home } from '../../src/local/home.ts';
import { commandIdSchema, type CommandId, type SessionId } from '../../src/protocol/ids.ts';
import type { NotifyPlace } from '../../src/protocol/attention.ts';
import { NotificationDaemon } from '../fakes/notification-daemon.ts';
import { startDesktop, type DesktopSession } from './support/desktop-session.ts';
import { endHost, hostOf, startDemo, untilSession } from './support/host-of.ts';
import { isAlive, startTrayApp, type TrayApp } from './support/tray-app.ts';

const LIMIT_MS = 30_000;

let desktop: DesktopSession;
let daemon: NotificationDaemon | null = null;
let home: Home;
let homes = 0;
let app: TrayApp;
let client: HostClient;

beforeAll(async () => {
  desktop = await startDesktop();
});
afterAll(async () => await desktop?.stop());
beforeEach(async () => {
  homes += 1;
  home = homeOf({ PORCHLIGHT_HOME: join(desktop.folder, `home-${homes}`) });
});
afterEach(async () => {
  client?.close();
  if (isAlive(app.pid)) await app.electron.close();
  // After it: whoever is asked must be there to answer.
  daemon?.stop();
  daemon = null;
  await endHost(home, LIMIT_MS);
});

const commandId = (): CommandId => commandIdSchema.parse(uuidv7());
const there = (): NotificationDaemon => {
  if (daemon === null) throw new Error('There is no notification daemon yet.');
  return daemon;
};

/** The tray app with its own host; a demo agent that asks once. */
async function startAsking(): Promise<SessionId> {
  app = await startTrayApp(desktop, home.root, { args: ['--hidden'] });
  await app.tray.until('a host', LIMIT_MS, async () =>
    (await app.tray.tooltip()).startsWith('All is quiet.'),
  );
  client = await hostOf(home);
  await expect.poll(async () => (await desktopPlace())?.problem, { timeout: LIMIT_MS }).toBeNull();
  const folder = join(desktop.folder, `work-${homes}`);
  mkdirSync(folder);
  return await startDemo(client, folder, 'SCRIPT:approve n=1');
}

async function startDaemon(): Promise<void> {
  const bus = desktop.env.DBUS_SESSION_BUS_ADDRESS;
  if (bus === undefined) throw new Error('The desktop has no session bus.');
  daemon = await NotificationDaemon.start(bus);
}

async function desktopPlace(): Promise<NotifyPlace | undefined> {
  const { notify } = await client.call('notify.state', {});
  return notify.places.find(({ kind }) => kind === 'desktop');
}

describe('what the real host tells this desktop', () => {
  test('is shown while nobody is active, and gone once somebody decided elsewhere', async () => {
    await startDaemon();
    const sessionId = await startAsking();
    await expect.poll(() => there().open.size, { timeout: LIMIT_MS }).toBe(1);
    expect(there().shown).toEqual([
      { title: expect.any(String), body: expect.stringMatching(/^Asks /) },
    ]);
    await expect.poll(async () => (await desktopPlace())?.state, { timeout: LIMIT_MS }).toBe('on');
    const { items } = await client.call('attention.list', {});
    expect(
      items.map(({ kind, told }) => [kind, told.map(({ place, outcome }) => [place, outcome])]),
    ).toEqual([['decision', [['desktop', 'handed']]]]);
    const { approvals } = await client.call('approval.list', {});
    const [approval] = approvals;
    if (approval === undefined) throw new Error('Nothing asks.');
    await client.call('approval.decide', {
      commandId: commandId(),
      approvalId: approval.id,
      hash: approval.hash,
      choice: { allow: true },
    });
    await expect
      .poll(() => [...there().open].some((id) => id === 1), { timeout: LIMIT_MS })
      .toBe(false);
    const ended = (turn: { endedAt: string | null } | null): boolean => turn?.endedAt != null;
    await untilSession(client, sessionId, 'its end', ({ turn }) => ended(turn), LIMIT_MS);
  });

  test('a click on it opens the window at the session, where it counts as seen', async () => {
    await startDaemon();
    await startAsking();
    await expect.poll(() => there().open.size, { timeout: LIMIT_MS }).toBe(1);
    there().click(1);
    const page = await app.window(LIMIT_MS);
    await page.locator('article[data-open="true"]').first().waitFor();
    await expect
      .poll(
        async () => (await client.call('attention.list', {})).items.map(({ seenAt }) => seenAt),
        { timeout: LIMIT_MS },
      )
      .toEqual([expect.any(String)]);
    expect([...there().open]).toEqual([]);
  });

  test('a desktop without notifications is said to fail, and why', async () => {
    await startAsking();
    await expect
      .poll(async () => (await desktopPlace())?.problem, { timeout: LIMIT_MS })
      .toMatch(/No program on this desktop shows notifications/);
    expect((await desktopPlace())?.state).toBe('failing');
  });
});
