import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { approvalSchema, type Approval } from '../../src/protocol/approval/approval.ts';
import { commandIdSchema, type SessionId } from '../../src/protocol/ids.ts';
import type { FakeHost } from '../fakes/fake-host.ts';
import { outline } from '../fakes/status-notifier-host.ts';
import { startInVain } from './support/tray-app.ts';
import { LIMIT_MS, says, shapeOf, TEST_LIMIT_MS, trayStage } from './support/tray-stage.ts';

const COMMAND = commandIdSchema.parse('0198c0de-0000-7000-8000-000000000001');
const HASH = 'b'.repeat(64);

const stage = trayStage();
let host: FakeHost;
beforeEach(() => void ({ host } = stage));

function openApproval(sessionId: SessionId, title: string, command: string): Approval {
  const approval = approvalSchema.parse({
    id: host.newId('a'),
    sessionId,
    kind: 'execute',
    title,
    hash: HASH,
    call: { tool: 'Bash', input: { command }, locations: [], diff: [] },
    options: [
      { optionId: 'yes', name: 'Yes', kind: 'allow_once' },
      { optionId: 'no', name: 'No', kind: 'reject_once' },
    ],
    createdAt: host.now(),
    expiresAt: null,
  });
  host.append(sessionId, { type: 'approval.opened', approval });
  tellApprovals();
  return approval;
}

function tellApprovals(): void {
  for (const connection of host.connections)
    if (connection.desk) connection.notify('desk.approvals', { approvals: host.openApprovals() });
}

function work(sessionId: SessionId): void {
  host.append(sessionId, { type: 'turn.started', turn: 1, commandId: COMMAND });
}

describe('the tray', { timeout: TEST_LIMIT_MS }, () => {
  test('shows four states that differ in shape alone', async () => {
    const running = await stage.start('--hidden');
    const shapes = new Map<string, string>();
    const look = async (state: string): Promise<void> =>
      void shapes.set(state, (await shapeOf(running)).join('\n'));
    await says(running, 'All is quiet.');
    await look('idle');
    const first = host.addSession({ title: 'First' });
    work(first);
    work(host.addSession({ title: 'Second' }));
    await says(running, '2 working.');
    await look('working');
    openApproval(first, 'Run the tests', 'npm test');
    await says(running, '1 working, 1 needs you.');
    await look('needs you');
    await stage.stopHost();
    await says(running, 'Porchlight: The host is not running; sessions wait until it is started.');
    await look('problem');
    expect(new Set(shapes.values()).size).toBe(4);
  });

  test('rebuilds its menu when something happens, and Allow in it decides that very call', async () => {
    const running = await stage.start('--hidden');
    const id = host.addSession({ title: 'Mend the gate', cwd: '/home/ada/gate' });
    work(id);
    await says(running, '1 working.');
    const approval = openApproval(id, 'Run the tests', 'npm test && echo "a_b" & wait');
    await says(running, '1 needs you.');
    expect(outline(await running.tray.menu())).toBe(
      [
        'Allow? Run the tests · Mend the gate',
        '  (npm test && echo "a_b" & wait)',
        '  ---',
        '  Allow',
        '  Deny',
        '  Show in the window',
        'Mend the gate — needs you',
        '---',
        'New session…',
        '  /home/ada/gate',
        '  ---',
        '  Choose folder…',
        '  Try it with the demo agent',
        '---',
        'May sleep, 64 %',
        '  (Nothing runs: the machine may sleep.)',
        '  ---',
        '  Off',
        '  Idle only',
        '  Lid too',
        '  ---',
        '  Hold for 1 hour',
        '  Hold for 2 hours',
        '  Sleep when done',
        '  ---',
        '  What holds it awake…',
        'Pair a phone…',
        '---',
        'Open Porchlight',
        'Start at login',
        'Quit tray app',
        'Stop everything',
        '',
      ].join('\n'),
    );
    await running.tray.click(['Allow?', 'Allow']);
    await running.tray.until('decision', LIMIT_MS, async () => host.openApprovals().length === 0);
    expect(host.calls.findLast(({ method }) => method === 'approval.decide')?.params).toEqual({
      commandId: expect.any(String),
      approvalId: approval.id,
      hash: HASH,
      choice: { allow: true },
    });
    tellApprovals();
    await says(running, '1 working.');
    expect(outline(await running.tray.menu())).not.toContain('Allow?');
  });

  test('says when a decision came too late', async () => {
    const running = await stage.start('--hidden');
    const id = host.addSession();
    openApproval(id, 'Run', 'true');
    host.decision = { outcome: 'superseded', receipt: null };
    await running.tray.click(['Allow?', 'Deny']);
    await running.tray.until('word of it', LIMIT_MS, async () =>
      outline(await running.tray.menu()).includes(
        '(Not decided from here: somebody else was faster.)',
      ),
    );
  });

  test('opens the window where the person wants to go', async () => {
    host.addSession({ title: 'Mend the gate', cwd: '/home/ada/gate' });
    const running = await stage.start('--hidden');
    expect(running.electron.windows()).toEqual([]);
    await running.tray.click(['New session…', '/home/ada/gate']);
    const page = await running.window();
    expect(page.url()).toBe('porchlight://app/index.html');
    await page.close();
    await running.tray.activate();
    await running.window();
  });

  test('opens its window on a first start, and is quiet on later ones', async () => {
    const first = await stage.start();
    await (await first.window()).close();
    await first.electron.close();
    const second = await stage.start();
    await says(second, 'All is quiet.');
    expect(second.electron.windows()).toEqual([]);
  });

  test('survives its window: closed while it loads, and crashed', async () => {
    const running = await stage.start('--hidden');
    await running.tray.click(['Open Porchlight']);
    await (await running.window()).close();
    await running.tray.activate();
    const page = await running.window();
    const crashed = page.waitForEvent('crash');
    await running.electron.evaluate(({ BrowserWindow }) => {
      BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer();
    });
    await crashed;
    const windows = (): Promise<number> =>
      running.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length);
    await expect.poll(windows, { timeout: LIMIT_MS }).toBe(0);
    await running.tray.activate();
    await expect.poll(windows, { timeout: LIMIT_MS }).toBe(1);
  });

  test('opens the window of the first when it is started twice', async () => {
    const running = await stage.start('--hidden');
    const { code } = await startInVain(stage.desktop, stage.home.root);
    await running.window();
    expect([code, stage.desktop.panel.registered.at(-1)?.service]).toEqual([
      0,
      running.tray.service,
    ]);
  });

  test('asks before it stops everything that works', async () => {
    const running = await stage.start('--hidden');
    work(host.addSession());
    await says(running, '1 working.');
    const answers = async (response: number): Promise<void> =>
      await running.electron.evaluate(({ dialog }, given) => {
        dialog.showMessageBox = async () => ({ response: given, checkboxChecked: false });
      }, response);
    const stops = (): number => host.calls.filter(({ method }) => method === 'host.stop').length;
    await answers(0);
    await running.tray.click(['Stop everything']);
    await running.tray.click(['Open Porchlight']);
    await running.window();
    expect(stops()).toBe(0);
    await answers(1);
    await running.tray.click(['Stop everything']);
    await running.ended;
    expect(host.calls.at(-1)).toEqual({ method: 'host.stop', params: { all: true } });
    stage.ended();
  });
});

test('a home that cannot be used ends the start with the reason and the way out', async () => {
  const file = join(stage.desktop.folder, 'a-file');
  writeFileSync(file, '');
  const { code, stderr } = await startInVain(stage.desktop, file);
  expect([code, stderr.split('\n').find((line) => line.startsWith('The folder'))]).toEqual([
    1,
    `The folder ${file} cannot be used: set PORCHLIGHT_HOME to one that you can write.`,
  ]);
});
