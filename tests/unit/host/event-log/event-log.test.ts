import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLogger } from '../../../../src/base/log.ts';
import { EventLog, SAVE_STATE_EVERY_EVENTS } from '../../../../src/host/event-log/event-log.ts';
import { openStore } from '../../../../src/host/event-log/sqlite-store.ts';
import type { Store } from '../../../../src/host/event-log/store.ts';
import type { SessionId } from '../../../../src/protocol/ids.ts';
import { eventBodySchema, type EventBody } from '../../../../src/protocol/session/events.ts';

const id = 's_aaaaaaaaaaa1' as SessionId;
const now = (): Date => new Date('2026-01-01T00:00:00.000Z');
const created = eventBodySchema.parse({
  type: 'session.created',
  sessionId: id,
  agent: 'demo',
  cwd: '/',
  worktree: null,
  mode: 'ask',
  title: 'one',
  by: 'cli',
});
const titled = (title: string): EventBody => ({ type: 'session.titled', title, by: 'cli' });

let folder: string;
let store: Store;
let log: EventLog;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'porchlight-log-'));
  store = openStore(join(folder, 'porchlight.db'), { log: silentLogger });
  log = new EventLog(store, { now });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

function reopened(): EventLog {
  store.close();
  store = openStore(join(folder, 'porchlight.db'), { log: silentLogger });
  return new EventLog(store, { now });
}

test('a transaction sees its own fold; others see it after the commit', () => {
  log.commit((tx) => {
    tx.append(id, created);
    tx.append(id, titled('two'));
    expect([tx.state(id)?.title, tx.state(id)?.lastSeq, log.state(id)]).toEqual(['two', 2, null]);
  });
  expect(log.state(id)).toMatchObject({
    title: 'two',
    lastSeq: 2,
    createdAt: '2026-01-01T00:00:00.000Z',
  });
});

test('when the work throws nothing changes and nobody hears', () => {
  log.commit((tx) => tx.append(id, created));
  const before = log.state(id);
  const heard: unknown[] = [];
  log.follow(id, (events) => heard.push(events));
  log.changed.on((change) => heard.push(change));
  expect(() =>
    log.commit((tx) => {
      tx.append(id, titled('lost'));
      tx.afterCommit(() => heard.push('after'));
      throw new Error('no');
    }),
  ).toThrow('no');
  expect([log.state(id), heard, store.events(id, { limit: 9 }).length]).toEqual([before, [], 1]);
  expect(log.commit((tx) => tx.append(id, titled('two'))).seq).toBe(2);
});

test('followers hear each event once, then the change is told, then the acts run', () => {
  log.commit((tx) => tx.append(id, created));
  const heard: unknown[] = [];
  const unfollow = log.follow(id, (events) => heard.push(events.map(({ seq }) => seq)));
  log.changed.on(({ state, previous }) => heard.push(`${previous?.title} → ${state.title}`));
  log.commit((tx) => {
    tx.afterCommit(() => heard.push('after'));
    tx.append(id, titled('two'));
    tx.append(id, titled('three'));
  });
  unfollow();
  log.commit((tx) => tx.append(id, titled('four')));
  expect(heard).toEqual([[2, 3], 'one → three', 'after', 'three → four']);
});

test('what a listener commits is heard by all after what it listened to', () => {
  log.commit((tx) => tx.append(id, created));
  const heard: string[] = [];
  log.follow(id, (events) => {
    if (events.some((event) => event.type === 'session.titled' && event.title === 'two'))
      log.commit((tx) => tx.append(id, titled('three')));
  });
  log.follow(id, (events) => heard.push(...events.map(({ seq }) => `${seq}`)));
  log.changed.on(({ state }) => heard.push(state.title));
  log.commit((tx) => tx.append(id, titled('two')));
  expect(heard).toEqual(['2', 'two', '3', 'three']);
});

test('one listener that fails does not keep the others from hearing', () => {
  const faults: string[] = [];
  const loud = new EventLog(store, {
    now,
    log: { ...silentLogger, error: ({ error }) => faults.push(String(error).split('\n')[0] ?? '') },
  });
  const heard: number[] = [];
  loud.follow(id, () => {
    throw new Error('a bug');
  });
  loud.follow(id, (events) => heard.push(events.length));
  loud.changed.on(() => {
    throw new Error('another');
  });
  loud.commit((tx) => tx.append(id, created));
  expect([heard, faults]).toEqual([[1], ['Error: a bug', 'Error: another']]);
});

test('folds are the same after reopening, from saved folds and from none', () => {
  log.commit((tx) => tx.append(id, created));
  for (let i = 0; i < 3; i += 1)
    log.commit((tx) => {
      for (let k = 0; k < SAVE_STATE_EVERY_EVENTS; k += 1) tx.append(id, titled(`${i}.${k}`));
    });
  log.commit((tx) => tx.append(id, titled('last')));
  const state = log.state(id);
  const again = reopened();
  expect(again.state(id)).toEqual(state);
  const [row] = store.sessions();
  expect([row?.stateSeq, row?.lastSeq]).toEqual([1_501, 1_502]);
  store.commit((writer) =>
    writer.saveState({ id, lastSeq: 5, title: 'of an older layout' } as never),
  );
  expect(reopened().state(id)).toEqual(state);
});

test('turns are told from the log', () => {
  log.commit((tx) => {
    tx.append(id, created);
    tx.append(id, { type: 'turn.started', turn: 1, commandId: 'c' as never });
    tx.append(id, { type: 'turn.ended', turn: 1, outcome: 'cancelled' });
    tx.append(id, { type: 'turn.started', turn: 2, commandId: 'd' as never });
  });
  const at = '2026-01-01T00:00:00.000Z';
  expect(log.turns(id)).toEqual([
    { turn: 1, startedAt: at, endedAt: at, outcome: 'cancelled' },
    { turn: 2, startedAt: at, endedAt: null, outcome: null },
  ]);
});

test('a session of 100,000 events opens in under 300 ms', () => {
  log.commit((tx) => tx.append(id, created));
  for (let i = 0; i < 100; i += 1)
    log.commit((tx) => {
      for (let k = 0; k < 1_000; k += 1)
        tx.append(id, { type: 'agent.text', text: 'some words of an answer ' });
    });
  const start = performance.now();
  const again = reopened();
  const ms = performance.now() - start;
  expect(again.state(id)?.lastSeq).toBe(100_001);
  expect(ms).toBeLessThan(300);
});
