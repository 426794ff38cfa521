import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AttentionItem } from '../../src/protocol/attention.ts';
import type { NotificationParams } from '../../src/protocol/methods.ts';
import type { SessionId } from '../../src/protocol/ids.ts';
import type { FakeHost } from '../fakes/fake-host.ts';
import { NotificationDaemon, type DaemonOptions } from '../fakes/notification-daemon.ts';
import type { TrayApp } from './support/tray-app.ts';
import { LIMIT_MS, says, TEST_LIMIT_MS, trayStage } from './support/tray-stage.ts';
import { approval } from './support/window-scenes.ts';

const stage = trayStage();
let daemon: NotificationDaemon | undefined;
let app: TrayApp | undefined;
let host: FakeHost;
let sessionId: SessionId;

beforeEach(() => {
  ({ host } = stage);
  sessionId = host.addSession({ title: 'Mend the login' });
});
afterEach(async () => {
  await app?.electron.close();
  app = undefined;
  stage.ended();
  // After it: whoever is asked must be there to answer.
  daemon?.stop();
  daemon = undefined;
});

/** The tray app on a desktop with a notification daemon, following the desktop of the host. */
async function start(options: DaemonOptions | null = {}): Promise<TrayApp> {
  const bus = stage.desktop.env.DBUS_SESSION_BUS_ADDRESS;
  if (bus === undefined) throw new Error('The desktop has no session bus.');
  if (options !== null) daemon = await NotificationDaemon.start(bus, options);
  const running = await stage.start('--hidden');
  app = running;
  await expect
    .poll(() => host.calls.some(({ method }) => method === 'desktop.follow'), { timeout: LIMIT_MS })
    .toBe(true);
  return running;
}

const there = (): NotificationDaemon => {
  if (daemon === undefined) throw new Error('There is no notification daemon yet.');
  return daemon;
};

function tell(item: Partial<NotificationParams<'desktop.show'>['item']>, loud = false): void {
  host.tell('desktop.show', {
    item: {
      id: 'a-1',
      kind: 'decision',
      sessionId,
      title: 'Mend the login',
      text: 'Run npm test',
      ...item,
    },
    loud,
  });
}

/** What the tray app said of its notifications, in order. */
const said = (): unknown[] =>
  host.attention.heard
    .filter(({ method }) => method === 'desktop.shown')
    .map(({ params }) => params);

async function saysOf(expected: readonly unknown[]): Promise<void> {
  await expect.poll(said, { timeout: LIMIT_MS }).toEqual(expected);
}

describe('the desktop’s notifications', { timeout: TEST_LIMIT_MS }, () => {
  test('are shown as the host says, and it hears that they are', async () => {
    await start();
    tell({});
    await saysOf([{ id: 'a-1', problem: null }]);
    tell({ id: 'f-1', kind: 'finished', title: 'Sort the invoices', text: 'It is done.' });
    await saysOf([
      { id: 'a-1', problem: null },
      { id: 'f-1', problem: null },
    ]);
    // Louder, in the place of the first.
    tell({}, true);
    await expect.poll(said, { timeout: LIMIT_MS }).toHaveLength(3);
    expect([there().shown, there().details, [...there().open]]).toEqual([
      [
        { title: 'Mend the login', body: 'Run npm test' },
        { title: 'Sort the invoices', body: 'It is done.' },
        { title: 'Mend the login', body: 'Run npm test' },
      ],
      [
        { urgency: 1, expireMs: 0 },
        { urgency: 0, expireMs: -1 },
        { urgency: 2, expireMs: 0 },
      ],
      [2, 3],
    ]);
  });

  test('are taken back by the host, and put away when the app ends', async () => {
    const running = await start();
    for (const id of ['a-1', 'a-2', 'a-3']) tell({ id });
    await expect.poll(said, { timeout: LIMIT_MS }).toHaveLength(3);
    host.tell('desktop.withdraw', { ids: ['a-2', 'never-shown'] });
    await expect.poll(() => [...there().open], { timeout: LIMIT_MS }).toEqual([1, 3]);
    await running.electron.close();
    app = undefined;
    expect([...there().open]).toEqual([]);
  });

  test('a click opens the window at the session, and says that it was seen', async () => {
    const running = await start();
    tell({ id: 'a-1' });
    await saysOf([{ id: 'a-1', problem: null }]);
    there().click(1);
    const page = await running.window();
    await page.getByRole('heading', { name: 'Mend the login' }).waitFor();
    await expect
      .poll(() => host.calls.findLast(({ method }) => method === 'attention.seen')?.params, {
        timeout: LIMIT_MS,
      })
      .toEqual({ ids: ['a-1'] });
    expect([...there().open]).toEqual([]);
  });

  test.each([
    [true, 'a &lt;b&gt;bold&lt;/b&gt; move &amp;&amp; ‹U+202E›'],
    [false, 'a <b>bold</b> move && ‹U+202E›'],
  ])('text of an agent is shown letter by letter; markup: %s', async (markup, body) => {
    await start({ markup });
    tell({ text: 'a <b>bold</b> move && \u202e', title: 'two\nlines' });
    await saysOf([{ id: 'a-1', problem: null }]);
    expect(there().shown).toEqual([{ title: 'two lines', body }]);
  });

  test('of more than twenty the oldest goes', async () => {
    await start();
    for (let n = 1; n <= 22; n += 1) tell({ id: `a-${n}`, text: `Number ${n}` });
    await expect.poll(said, { timeout: LIMIT_MS }).toHaveLength(22);
    await expect
      .poll(() => [...there().open].map((id) => there().shown[id - 1]?.body), { timeout: LIMIT_MS })
      .toEqual(Array.from({ length: 20 }, (_, n) => `Number ${n + 3}`));
  });

  test('what was decided while the host could not be heard is put away when it is back', async () => {
    await start();
    tell({ id: 'a-1' });
    tell({ id: 'a-2' });
    await expect.poll(said, { timeout: LIMIT_MS }).toHaveLength(2);
    host.attention.now = { ...host.attention.now, items: [item('a-2')] };
    for (const connection of host.connections) connection.close('gone');
    await expect.poll(() => [...there().open], { timeout: LIMIT_MS }).toEqual([2]);
  });

  test('on a desktop without them the host hears why', async () => {
    await start(null);
    tell({});
    await expect.poll(said, { timeout: LIMIT_MS }).toEqual([
      {
        id: 'a-1',
        problem:
          'No program on this desktop shows notifications: org.freedesktop.Notifications has no owner on the session bus.',
      },
    ]);
  });

  test('a daemon that hangs holds nothing up', async () => {
    const running = await start({ hangs: true });
    tell({});
    await saysOf([
      {
        id: 'a-1',
        problem: 'The program that shows this desktop’s notifications does not answer.',
      },
    ]);
    expect(await running.tray.tooltip()).toBe('All is quiet.');
  });
});

describe('what waits', { timeout: TEST_LIMIT_MS }, () => {
  test('is named in the tooltip with how long, counted on the icon, and gone when it is decided', async () => {
    host.append(sessionId, {
      type: 'approval.opened',
      approval: approval(host, sessionId, { title: 'Run npm test' }),
    });
    const since = new Date(Date.now() - 12 * 60_000 - 30_000).toISOString();
    host.attention.now = { items: [{ ...item('a-1'), since }], quietUntil: null };
    host.attention.pulses = [
      { sessionId, pulse: 'hangs', since, heardAt: null, because: 'It does not answer.' },
    ];
    const running = await start(null);
    await says(running, '1 needs you for 12 min: Mend the login. Mend the login does not answer.');
    await running.electron.evaluate(({ app }) => {
      const told = globalThis as { counts?: number[] };
      told.counts = [];
      app.setBadgeCount = (count) => (told.counts?.push(count ?? 0) ?? 0) > 0;
    });
    const items = [item('a-1'), item('a-2')];
    host.tell('attention.changed', { items, quietUntil: null });
    host.tell('attention.changed', { items: [], quietUntil: null });
    await expect
      .poll(
        async () =>
          await running.electron.evaluate(() => (globalThis as { counts?: number[] }).counts),
        { timeout: LIMIT_MS },
      )
      .toEqual([2, 0]);
  });
});

function item(id: string): AttentionItem {
  return {
    id,
    kind: 'decision',
    sessionId,
    title: 'Mend the login',
    text: 'Run npm test',
    since: new Date().toISOString(),
    seenAt: null,
    told: [],
  };
}
