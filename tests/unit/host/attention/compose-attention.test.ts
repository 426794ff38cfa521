import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Emitter } from '../../../../src/base/emitter.ts';
import { silentLogger } from '../../../../src/base/log.ts';
import type { SurfaceConnection } from '../../../../src/host/api/surface-connection.ts';
import {
  composeAttention,
  type ComposedAttention,
} from '../../../../src/host/attention/compose-attention.ts';
import { noDelivery } from '../../../../src/host/attention/no-delivery.ts';
import { notifyPolicyOf, writeNotifyPolicy } from '../../../../src/host/attention/notify-policy.ts';
import type { Notice } from '../../../../src/host/attention/notice.ts';
import { ConfigFile } from '../../../../src/host/config/config.ts';
import { EventLog } from '../../../../src/host/event-log/event-log.ts';
import { openStore } from '../../../../src/host/event-log/sqlite-store.ts';
import type { Store } from '../../../../src/host/event-log/store.ts';
import { newCommandId, newSessionId } from '../../../../src/host/ids.ts';
import { Problems } from '../../../../src/host/problems.ts';
import { Commands } from '../../../../src/host/sessions/commands.ts';
import { DEFAULT_NOTIFY_POLICY, type Attention } from '../../../../src/protocol/attention.ts';
import type { EventBody } from '../../../../src/protocol/session/events.ts';
import { eventually, newFolder } from '../support/host-core.ts';

let folder: string;
let store: Store;
let log: EventLog;
let attention: ComposedAttention;
let audited: unknown[];
let shown: Notice[];
/** How much was on disk when it was shown. */
let onDisk: (string | null)[];
beforeEach(() => {
  folder = newFolder();
  store = openStore(join(folder, 'history.db'), { log: silentLogger });
  log = new EventLog(store, { now: () => new Date() });
  [audited, shown, onDisk] = [[], [], []];
  const config = new ConfigFile(join(folder, 'config.json'), silentLogger);
  const delivery = noDelivery();
  attention = composeAttention({
    ...{ home: { config: join(folder, 'config.json') }, log, store, config },
    commands: new Commands(log, store, () => new Date()),
    problems: new Problems(),
    pulses: { changed: new Emitter(), current: () => [] },
    audit: { who: (surface) => ({ surface }), append: (_, note) => void audited.push(note) },
    clock: { steadyMs: () => Date.now(), wallMs: () => Date.now(), now: () => new Date() },
    logger: silentLogger,
    delivery: {
      ...delivery,
      courier: {
        ...delivery.courier,
        outlets: () => [
          { place: 'ntfy', kind: 'ntfy', role: 'operator', kinds: null, activeAtMs: null },
        ],
        show: (_, notice) => {
          shown.push(notice);
          onDisk.push(store.meta('attention'));
        },
      },
    },
  });
  attention.start();
});
afterEach(() => {
  attention.close();
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

function surface(over: Partial<SurfaceConnection> = {}): SurfaceConnection {
  // Of a connection only what this part asks.
  return { surface: 'window', role: 'operator', device: null, ...over } as SurfaceConnection;
}

function finished(): string {
  const sessionId = newSessionId();
  log.commit((tx) => {
    tx.append(sessionId, {
      ...{ type: 'session.created', sessionId, agent: 'demo', cwd: '/w', worktree: null },
      ...{ mode: 'ask', title: 'Tidy up', by: 'test' },
    } as EventBody);
    tx.append(sessionId, { type: 'turn.started', turn: 1, commandId: newCommandId() });
    tx.append(sessionId, { type: 'turn.ended', turn: 1, outcome: 'completed' });
  });
  return `${sessionId}:1:ended`;
}

test('who follows the desk hears what asks for a person, and when it is over', async () => {
  const heard: Attention[] = [];
  const ends: (() => void)[] = [];
  const follower = {
    bufferedBytes: 0,
    notify: (_: 'attention.changed', params: Attention) => void heard.push(params),
    hold: (_: string, make: () => { close(): void }) => {
      const { close } = make();
      ends.push(close);
    },
  };
  const first = attention.follow(follower);
  const id = finished();
  await eventually(() => (heard.length > 0 ? true : null));
  const listed = await attention.methods['attention.list']({}, surface());
  await attention.methods['attention.seen']({ ids: [id] }, surface());
  await eventually(() => (heard.at(-1)?.items.length === 0 ? true : null));
  for (const end of ends) end();
  expect([first.attention, listed.items, heard.length]).toMatchObject([
    { items: [], quietUntil: null },
    [{ id, kind: 'finished', title: 'Tidy up', seenAt: null }],
    2,
  ]);
});

test('it is on disk before the courier has it', async () => {
  finished();
  await eventually(() => shown[0] ?? null);
  expect(onDisk[0]).toContain(`"round":${shown[0]?.round}`);
});

test('whoever says to be active is told there; a gone connection is nobody', async () => {
  const window = surface();
  const active = { active: true, sessionId: null };
  attention.heard(window, { name: 'surface.active', params: active });
  finished();
  const told = () => attention.now().items[0]?.told;
  expect(await eventually(() => told() ?? null)).toMatchObject([
    { place: 'window', outcome: 'shown' },
  ]);
  expect(shown).toEqual([]);
  attention.gone(window);
  await eventually(() => shown[0] ?? null);
});

test('the policy is written into config.json, holds at once, once for each command, and is audited', async () => {
  const params = { commandId: newCommandId(), policy: { seenSec: 90, quietHours: null } };
  const answer = await attention.methods['notify.setPolicy'](params, surface());
  const again = await attention.methods['notify.setPolicy'](params, surface());
  expect([answer, again, attention.policy()]).toEqual([
    answer,
    answer,
    { ...DEFAULT_NOTIFY_POLICY, seenSec: 90 },
  ]);
  expect([JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')), audited]).toEqual([
    { notify: { seenSec: 90, quietHours: null } },
    [
      {
        ...{ kind: 'notifyChanged', who: { surface: 'window' } },
        what: { policy: { seenSec: 90, quietHours: null } },
      },
    ],
  ]);
});

test('what config.json does not say of the policy, the defaults do, kind by kind', () => {
  const secret = 'x'.repeat(16);
  const notify = {
    ...{ kinds: { finished: false }, repeats: 0 },
    webhook: { url: 'https://example.org/', secret },
  };
  expect([notifyPolicyOf({}), notifyPolicyOf({ notify })]).toEqual([
    DEFAULT_NOTIFY_POLICY,
    {
      ...DEFAULT_NOTIFY_POLICY,
      ...{ kinds: { ...DEFAULT_NOTIFY_POLICY.kinds, finished: false }, repeats: 0 },
    },
  ]);
});

test('channels and all else in the file stay as they are', () => {
  const path = join(folder, 'config.json');
  const before = { limits: { agentProcesses: 3 }, notify: { ntfy: null, seenSec: 10 } };
  writeFileSync(path, JSON.stringify(before));
  writeNotifyPolicy(path, { seenSec: 20, repeats: undefined });
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
    ...before,
    notify: { ntfy: null, seenSec: 20 },
  });
});

test.each(['{"notify":', '{"notify":{"seenSec":1}}'])(
  'a bad file is refused in words and left alone: %s',
  (bad) => {
    const path = join(folder, 'config.json');
    writeFileSync(path, bad);
    expect(() => writeNotifyPolicy(path, { seenSec: 20 })).toThrow(
      /^The policy was not changed: config\.json .*Mend the file, then try again\.$/u,
    );
    expect(readFileSync(path, 'utf8')).toBe(bad);
  },
);
