import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { silentLogger } from '../../../../src/base/log.ts';
import { EventLog } from '../../../../src/host/event-log/event-log.ts';
import { openStore } from '../../../../src/host/event-log/sqlite-store.ts';
import { StoreFull, type Store } from '../../../../src/host/event-log/store.ts';
import { mayNotForget, Retention } from '../../../../src/host/sessions/retention.ts';
import type { SessionId } from '../../../../src/protocol/ids.ts';
import { eventBodySchema, type EventBody } from '../../../../src/protocol/session/events.ts';
import { FakeTimers } from '../../../fakes/fake-timers.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const old = 's_aaaaaaaaaaa1' as SessionId;
const other = 's_bbbbbbbbbbb2' as SessionId;

let folder: string;
let path: string;
let timers: FakeTimers;
let store: Store;
let log: EventLog;
let retention: Retention;
let kept: (string | null)[];
let forgotten: SessionId[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'porchlight-retention-'));
  path = join(folder, 'porchlight.db');
  timers = new FakeTimers();
  kept = [];
  forgotten = [];
  begin();
});
afterEach(() => {
  end();
  rmSync(folder, { recursive: true });
});

/** A host's start, as far as this needs it. */
function begin(): void {
  store = openStore(path, { log: silentLogger });
  log = new EventLog(store, { now: () => new Date(timers.nowMs()) });
  log.forgotten.on((id) => forgotten.push(id));
  retention = new Retention({
    log,
    store,
    timers,
    logger: silentLogger,
    keepDays: () => 30,
    mayNotForget,
    trimOthers: () => {},
    tellKept: (message) => kept.push(message),
  });
}

function end(): void {
  retention.close();
  store.close();
}

function create(id: SessionId, more: readonly EventBody[] = [], extra: object = {}): void {
  const created = eventBodySchema.parse({
    type: 'session.created',
    sessionId: id,
    agent: 'demo',
    cwd: '/',
    worktree: null,
    mode: 'ask',
    title: 'one',
    by: 'cli',
    ...extra,
  });
  log.commit((tx) => {
    for (const body of [created, ...more]) tx.append(id, body);
  });
}

const archived: EventBody = { type: 'session.archived', archived: true, by: 'cli' };
const ended: EventBody = { type: 'session.ended', by: 'cli' };
const words = (bytes: number): EventBody => ({ type: 'agent.text', text: 'x'.repeat(bytes) });

test('an archived session is forgotten after its time, others and their numbers stay', () => {
  create(old, [ended, archived]);
  create(other, [ended]);
  timers.advance(29 * DAY);
  expect(forgotten).toEqual([]);
  timers.advance(2 * DAY + 2 * MINUTE);
  expect([forgotten, [...log.states().keys()]]).toEqual([[old], [other]]);
  end();
  begin();
  expect([...log.states().keys()]).toEqual([other]);
});

test('what surfaces follow goes on after a session was forgotten: the history is the same one', () => {
  create(other);
  create(old, [ended, archived]);
  const { epoch } = store;
  timers.advance(32 * DAY);
  expect(forgotten).toEqual([old]);
  end();
  begin();
  expect([store.epoch, log.state(other)?.lastSeq]).toEqual([epoch, 1]);
});

test('a host that ends in the middle of clearing away goes on at its next start, and the file shrinks', async () => {
  create(old, [...Array.from({ length: 4_000 }, () => words(4_000)), ended, archived]);
  timers.advance(30 * DAY);
  const full = statSync(path).size;
  // The look is hourly: a millisecond after the one that forgets it most is still there.
  while (forgotten.length === 0) timers.advance(1);
  end();
  expect(statSync(path).size).toBeGreaterThan(full * 0.9);
  begin();
  timers.advance(10 * MINUTE);
  await vi.waitFor(() => expect(statSync(path).size).toBeLessThan(full * 0.2), 5_000);
  expect(forgotten).toEqual([old]);
});

test('a session stays while its worktree may hold work, and people are told why', () => {
  const origin = { root: '/r', base: 'main', baseCommit: 'a'.repeat(40), branch: 'porchlight/x' };
  create(old, [ended, archived], { worktree: '/w', origin });
  timers.advance(33 * DAY);
  expect([forgotten, kept.at(-1)]).toEqual([
    [],
    'One session that was archived long ago is kept, because its worktree may hold work that was not landed (land or discard it first).',
  ]);
  log.commit((tx) => tx.append(old, { type: 'worktree.discarded', keptAs: null, by: 'cli' }));
  timers.advance(33 * DAY);
  expect([forgotten, kept.at(-1)]).toEqual([[old], null]);
});

test('brought back between the look and its turn, a session stays', () => {
  create(other, [ended, archived]);
  create(old, [ended, archived]);
  timers.advance(30 * DAY);
  while (forgotten.length === 0) timers.advance(1);
  const [, second] = [other, old].toSorted((a) => (forgotten.includes(a) ? -1 : 1));
  if (second === undefined) throw new Error('two sessions');
  log.commit((tx) => tx.append(second, { type: 'session.archived', archived: false, by: 'cli' }));
  timers.advance(DAY);
  expect(forgotten).toHaveLength(1);
});

test('a full disk puts it off', () => {
  create(old, [ended, archived]);
  timers.advance(30 * DAY);
  const { forget } = log;
  log.forget = () => {
    throw new StoreFull('full');
  };
  timers.advance(2 * DAY);
  log.forget = forget;
  expect(forgotten).toEqual([]);
  timers.advance(2 * DAY);
  expect(forgotten).toEqual([old]);
});
