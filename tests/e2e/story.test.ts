import { picture } from '../support/picture.ts';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { HostClient } from '../../src/connection/host-client.ts';
import { homeOf, type Home } from '../../src/local/home.ts';
import { MODES } from '../../src/protocol/mode.ts';
import { sessionIdSchema, type SessionId } from '../../src/protocol/ids.ts';
import { sessionEventSchema, type SessionEvent } from '../../src/protocol/session/events.ts';
import { startModelStub, type ModelStub } from '../fakes/model-stub.ts';
import { startDesktop, type DesktopSession } from './support/desktop-session.ts';
import { endHost, hostOf, untilSession } from './support/host-of.ts';
import { agentsCache, isAlive, root, startTrayApp, type TrayApp } from './support/tray-app.ts';
import { WindowKeys } from './support/window-keys.ts';
import { WindowPage } from './support/window-page.ts';

const run = promisify(execFile);
const TURN_LIMIT_MS = 90_000;
/** About 60 MB are fetched when the cache does not have it. */
const INSTALL_LIMIT_MS = 10 * 60_000;
const TEST_LIMIT_MS = 4 * 60_000;

interface Actor {
  readonly id: string;
  /** Names its folders and pictures. */
  readonly slug: string;
  /** As the window calls it. */
  readonly name: RegExp;
  readonly prompt: string;
  /** On the approval that is allowed. */
  readonly asks: string;
  readonly file: string;
  readonly content: string;
  /** The last words, in a turn that goes on for seconds after Allow. */
  readonly says: string;
}

const DEMO: Actor = {
  id: 'demo',
  slug: 'demo',
  name: /demo/i,
  prompt: 'SCRIPT:shell cmd="sleep 5 && echo lit > lamp.txt"',
  asks: 'sleep 5 && echo lit > lamp.txt',
  file: 'lamp.txt',
  content: 'lit\n',
  says: 'Exit code 0.',
};
const CLAUDE: Actor = {
  id: 'claude',
  slug: 'claude',
  name: /claude/i,
  prompt: 'Please greet the porch. SCRIPT:edit-slow',
  asks: 'hello.txt',
  file: 'hello.txt',
  content: 'Hello from the porch.\n',
  says: 'word100',
};

let desktop: DesktopSession;
let model: ModelStub;
let home: Home;
let app: TrayApp;
let client: HostClient;

beforeAll(async () => {
  desktop = await startDesktop();
  model = await startModelStub();
});
afterAll(async () => {
  await model.close();
  await desktop.stop();
});
afterEach(async () => {
  if (isAlive(app.pid)) await app.electron.close();
  client.close();
  await endHost(home, TURN_LIMIT_MS);
});

const start = async (): Promise<TrayApp> =>
  await startTrayApp(desktop, home.root, {
    args: ['--hidden'],
    env: { PORCHLIGHT_AGENTS: agentsCache() },
  });

async function prepare(actor: Actor): Promise<string> {
  home = homeOf({ PORCHLIGHT_HOME: join(desktop.folder, `home-${actor.slug}`) });
  mkdirSync(home.root, { mode: 0o700 });
  const env = actor.id === 'claude' ? model.envFor('claude', join(desktop.folder, 'claude')) : {};
  writeFileSync(home.config, JSON.stringify({ agents: { [actor.id]: { env } } }), { mode: 0o600 });
  const project = join(desktop.folder, `project-${actor.slug}`);
  mkdirSync(project);
  await run('git', ['init', '--quiet', project]);
  return project;
}

/** A real agent is put into the shared cache by our own catalogue, once. */
async function install(actor: Actor): Promise<void> {
  const { agents } = await client.call('agents.list', {}, INSTALL_LIMIT_MS);
  if (agents.find(({ id }) => id === actor.id)?.found !== true)
    await client.call('agents.install', { agent: actor.id }, INSTALL_LIMIT_MS);
}

async function watched(sessionId: SessionId): Promise<SessionEvent[]> {
  const env = { ...process.env, PORCHLIGHT_HOME: home.root };
  const { stdout } = await run(
    process.execPath,
    [join(root, 'dist', 'cli', 'main.js'), 'watch', sessionId, '--no-follow', '--json'],
    { env, maxBuffer: 64 * 1024 * 1024 },
  );
  return stdout
    .trim()
    .split('\n')
    .map((line) => sessionEventSchema.parse(JSON.parse(line)));
}

async function stored(sessionId: SessionId): Promise<SessionEvent[]> {
  const { events, more } = await client.call('session.events', { sessionId, limit: 2_000 });
  expect(more).toBe(false);
  return events;
}

describe('the story', { timeout: TEST_LIMIT_MS + INSTALL_LIMIT_MS }, () => {
  test.each([
    ['the demo agent', DEMO, WindowPage],
    ['the demo agent, by keyboard alone', { ...DEMO, slug: 'demo-keys' }, WindowKeys],
    ['Claude', CLAUDE, WindowPage],
  ] as const)(
    '%s, started from the tray and allowed in the window, works on when the tray app is killed',
    async (_name, actor, Driver) => {
      const project = await prepare(actor);
      app = await start();
      await app.tray.until(
        'a host',
        TURN_LIMIT_MS,
        async () => (await app.tray.tooltip()) === 'All is quiet.',
      );
      client = await hostOf(home);
      await install(actor);

      await app.tray.click(['New session…', 'Choose folder…']);
      const window = new Driver(await app.window());
      await window.startSession({
        folder: project,
        agent: actor.name,
        title: 'Light the lamp',
        prompt: actor.prompt,
      });
      await window.approval(actor.asks);
      await app.tray.until('a knock', TURN_LIMIT_MS, async () =>
        (await app.tray.tooltip()).startsWith('1 needs you'),
      );
      await picture(window.page, `story-${actor.slug}-1-approval`);
      expect(existsSync(join(project, actor.file))).toBe(false);
      const sessionId = sessionIdSchema.parse(
        (await client.call('session.list', {})).sessions[0]?.id,
      );
      const asked = await client.call('session.show', { sessionId });
      expect(MODES.indexOf(asked.session.mode ?? 'auto')).toBe(MODES.indexOf('ask'));

      await window.allow();
      await untilSession(
        client,
        sessionId,
        'delivered decision',
        ({ approvals }) => approvals.length === 0,
        TURN_LIMIT_MS,
      );
      process.kill(app.pid, 'SIGKILL');
      await app.ended;
      const { session: left } = await client.call('session.show', { sessionId });
      expect([left.state, left.turn?.endedAt]).toEqual(['working', null]);

      const done = await untilSession(
        client,
        sessionId,
        'end of the turn',
        ({ turn }) => turn?.endedAt != null,
        TURN_LIMIT_MS,
      );
      expect([
        done.state,
        done.turn?.outcome,
        readFileSync(join(project, actor.file), 'utf8'),
      ]).toEqual(['idle', 'completed', actor.content]);

      app = await start();
      await app.tray.click(['Light the lamp — quiet']);
      const again = new Driver(await app.window());
      await again.sees(actor.prompt);
      await again.sees(actor.asks);
      await again.sees(actor.says);
      await picture(again.page, `story-${actor.slug}-2-history`);

      const events = await watched(sessionId);
      expect(events).toEqual(await stored(sessionId));
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
      const facts = events
        .map(({ type }) => type)
        .filter((type) => /^(session\.created|turn|approval|agent\.exited)/.test(type));
      expect(facts).toEqual([
        'session.created',
        'turn.started',
        'approval.opened',
        'approval.decided',
        'approval.delivered',
        'approval.finished',
        'turn.ended',
      ]);
      const decided = z
        .object({ by: z.string(), allowed: z.boolean() })
        .parse(events.find(({ type }) => type === 'approval.decided'));
      expect(decided).toEqual({ by: 'window', allowed: true });
    },
  );
});
