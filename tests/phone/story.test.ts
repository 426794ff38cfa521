import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compile } from '../../build/compile.mjs';
import type { HostClient } from '../../src/connection/host-client.ts';
import { homeOf, type Home } from '../../src/local/home.ts';
import type { SessionId } from '../../src/protocol/ids.ts';
import { sessionEventSchema, type SessionEvent } from '../../src/protocol/session/events.ts';
import { startDesktop, type DesktopSession } from '../e2e/support/desktop-session.ts';
import { endHost, hostOf, untilSession } from '../e2e/support/host-of.ts';
import { agentsCache, isAlive, root, startTrayApp, type TrayApp } from '../e2e/support/tray-app.ts';
import { startModelStub, type ModelStub } from '../fakes/model-stub.ts';
import { eventually, newCommandId, text } from '../integration/support/host-under-test.ts';
import { different } from './support/different.ts';
import { PairingWindow } from './support/pairing-window.ts';
import { withoutNetwork, type Phone } from './support/phone.ts';
import { Phones } from './support/phones.ts';
import { listenAlong, windowHistory } from './support/window-history.ts';

const run = promisify(execFile);
const TURN_LIMIT_MS = 90_000;
/** About 60 MB are fetched when the cache does not have it. */
const INSTALL_LIMIT_MS = 10 * 60_000;
const TEST_LIMIT_MS = 6 * 60_000;
const TITLE = 'Greet the porch';

let desktop: DesktopSession;
let model: ModelStub;
let home: Home;
let project: string;
let app: TrayApp;
let client: HostClient;
let window: Page;
const phones = new Phones();

beforeAll(async () => {
  await compile([
    ...['keeper', 'host', 'cli', 'relay', 'phone', 'demo-agent'],
    ...['main', 'preload', 'renderer'],
  ]);
  desktop = await startDesktop();
  model = await startModelStub();
  home = homeOf({ PORCHLIGHT_HOME: join(desktop.folder, 'home') });
  mkdirSync(home.root, { mode: 0o700 });
  const env = model.envFor('claude', join(desktop.folder, 'claude'));
  writeFileSync(home.config, JSON.stringify({ agents: { claude: { env } } }), { mode: 0o600 });
  project = join(desktop.folder, 'project');
  mkdirSync(project);
  await run('git', ['init', '--quiet', project]);
  app = await startTrayApp(desktop, home.root, {
    args: ['--hidden'],
    env: { PORCHLIGHT_AGENTS: agentsCache() },
  });
  await listenAlong(app.electron.context());
  await app.tray.until(
    'a host',
    TURN_LIMIT_MS,
    async () => (await app.tray.tooltip()) === 'All is quiet.',
  );
  client = await hostOf(home);
  const { agents } = await client.call('agents.list', {}, INSTALL_LIMIT_MS);
  if (agents.find(({ id }) => id === 'claude')?.found !== true)
    await client.call('agents.install', { agent: 'claude' }, INSTALL_LIMIT_MS);
}, INSTALL_LIMIT_MS + TURN_LIMIT_MS);
afterAll(async () => {
  await phones.stop();
  if (app !== undefined && isAlive(app.pid)) await app.electron.close();
  client?.close();
  await endHost(home, TURN_LIMIT_MS);
  await model.close();
  await desktop.stop();
});

async function byCli(sessionId: SessionId): Promise<SessionEvent[]> {
  const { stdout } = await run(
    process.execPath,
    [join(root, 'dist', 'cli', 'main.js'), 'watch', sessionId, '--no-follow', '--json'],
    { env: { ...process.env, PORCHLIGHT_HOME: home.root }, maxBuffer: 64 * 1024 * 1024 },
  );
  return stdout
    .trim()
    .split('\n')
    .map((line) => sessionEventSchema.parse(JSON.parse(line)));
}

async function pair(role: 'approver' | 'operator', name: string): Promise<Phone> {
  const pairing = new PairingWindow(window);
  const phone = await phones.scan(await pairing.offer(`story-${role}`));
  await phone.startPairing(name);
  const shown = await phone.digits();
  expect(shown).toMatch(/^\d{6}$/);
  expect(await pairing.candidate()).toEqual({
    heading: `“${name}” wants to be paired`,
    digits: shown,
  });
  await phone.screenshot(`story-digits-${role}`);
  await pairing.confirm(role, `story-${role}`);
  await phone.isHome();
  return phone;
}

test(
  'a phone is paired by the code in the window, drives Claude over a bad network, and is revoked',
  { timeout: TEST_LIMIT_MS },
  async () => {
    await app.tray.click(['Open Porchlight']);
    window = await app.window();
    window.setDefaultTimeout(30_000);
    const phone = await pair('operator', 'Ada’s phone');

    const { sessionId } = await client.call(
      'session.start',
      {
        commandId: newCommandId(),
        agent: 'claude',
        cwd: project,
        share: true,
        title: TITLE,
        prompt: text('Please greet the porch. SCRIPT:edit-slow'),
      },
      TURN_LIMIT_MS,
    );
    await window.locator('.sessions').getByText(TITLE).click();

    // The phone is told, shows the call, and allows it.
    await phone.sees(TITLE);
    await phone.card('hello.txt').waitFor();
    await phone.screenshot('story-needs-you');
    expect(existsSync(join(project, 'hello.txt'))).toBe(false);
    await phone.openSession(TITLE);
    await phone.card('hello.txt').waitFor();
    await phone.screenshot('story-approval');
    await phone.decide('Allow', 'hello.txt');

    // Text streams; the network breaks in the middle of a message, then is gone both ways.
    await phone.sees('word2');
    phones.network.cutAfter('down', 400);
    await eventually(async () => (phones.network.connections === 0 ? true : null));
    await withoutNetwork(phone, phones.network, async () => {
      await phone.send('SCRIPT:recall');
      await phone.sees('Waits for the connection');
      await phone.screenshot('story-offline');
    });
    const { session } = await client.call('session.show', { sessionId });
    expect(session.turn?.turn).toBe(1);
    await untilSession(
      client,
      sessionId,
      'second turn',
      ({ turn, queue }) => turn?.turn === 2 && turn.endedAt !== null && queue.length === 0,
      TURN_LIMIT_MS,
    );
    expect(readFileSync(join(project, 'hello.txt'), 'utf8')).toBe('Hello from the porch.\n');

    // One history, whoever is asked.
    const told = await byCli(sessionId);
    expect(told.filter(({ type }) => type === 'prompt.queued')).toHaveLength(2);
    expect(told.map(({ seq }) => seq)).toEqual(told.map((_, index) => index + 1));
    const last = told.at(-1)?.seq;
    await eventually(async () =>
      (await phone.history(sessionId)).at(-1)?.seq === last ? true : null,
    );
    expect(different(await phone.history(sessionId), told)).toBeNull();
    await eventually(async () =>
      (await windowHistory(window, sessionId)).at(-1)?.seq === last ? true : null,
    );
    expect(different(await windowHistory(window, sessionId), told)).toBeNull();
    await phone.screenshot('story-end');

    // A second phone; the first one is revoked while it is told something.
    const other = await pair('approver', 'Spare phone');
    const { devices } = await client.call('devices.list', {});
    const lost = devices.find(({ name }) => name === 'Ada’s phone');
    if (lost === undefined) throw new Error('The host does not list the phone.');
    await client.call('session.send', {
      sessionId,
      commandId: newCommandId(),
      prompt: text('SCRIPT:slow'),
    });
    await phone.sees('word3');
    await client.call('devices.revoke', { device: lost.id });
    // What was on its way before may still be written down over there.
    const before = (await byCli(sessionId)).at(-1)?.seq ?? 0;
    await phone.sees('does not let this phone in');
    await phone.screenshot('story-revoked');
    await phone.page.reload();
    await phone.sees('does not let this phone in');

    await other.openSession(TITLE);
    await untilSession(
      client,
      sessionId,
      'third turn',
      ({ turn }) => turn?.turn === 3 && turn.endedAt !== null,
      TURN_LIMIT_MS,
    );
    const whole = await byCli(sessionId);
    const end = whole.at(-1)?.seq ?? 0;
    await eventually(async () =>
      (await other.history(sessionId)).at(-1)?.seq === end ? true : null,
    );
    expect(different(await other.history(sessionId), whole)).toBeNull();
    expect(before).toBeLessThan(end);
    expect((await phone.history(sessionId)).at(-1)?.seq ?? 0).toBeLessThanOrEqual(before);
    await other.screenshot('story-second-phone');
    expect(phones.complaints()).toEqual([]);
  },
);
