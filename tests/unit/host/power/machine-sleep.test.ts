import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLogger } from '../../../../src/base/log.ts';
import { WakeWatch } from '../../../../src/host/clock/wake-watch.ts';
import { EventLog } from '../../../../src/host/event-log/event-log.ts';
import { openStore } from '../../../../src/host/event-log/sqlite-store.ts';
import { StoreFull, type Store } from '../../../../src/host/event-log/store.ts';
import { newInstanceId, newSessionId } from '../../../../src/host/ids.ts';
import { MachineSleep, type Slept } from '../../../../src/host/power/sleep/machine-sleep.ts';
import type { SessionId } from '../../../../src/protocol/ids.ts';
import type { EventBody } from '../../../../src/protocol/session/events.ts';
import { FakeTimers } from '../../../fakes/fake-timers.ts';
import { newFolder } from '../support/host-core.ts';

const START = Date.parse('2026-11-21T14:00:00.000Z');
const iso = (ms: number): string => new Date(START + ms).toISOString();

let folder: string;
let store: Store;
let log: EventLog;
let timers: FakeTimers;
let sleep: MachineSleep;
let told: unknown[];
let slept: Slept[];
/** Of the machine: since START, and how much of that it slept. */
let passedMs: number;
let sleptMs: number;
let tellsSleep: boolean;
let why: string;
let unsentBytes: number;
let seen: () => void;
let relays: { sleep(since: string): Promise<void>; wake(): void };

function boot(upSinceMs = 0): void {
  store = openStore(join(folder, 'history.db'), { log: silentLogger });
  const now = () => new Date(START + passedMs);
  log = new EventLog(store, { now });
  const slepts = () => (tellsSleep ? sleptMs : null);
  const sources = {
    wallMs: () => START + passedMs,
    uptimeMs: () => 500_000 + passedMs - upSinceMs,
    monotonicMs: () => passedMs,
    awakeMs: () => (tellsSleep ? 500_000 + passedMs - upSinceMs - sleptMs : null),
  };
  const watch = new WakeWatch(sources, (_, look) => {
    seen = look;
    return () => {};
  });
  watch.start((gap) => sleep.seen(gap));
  sleep = new MachineSleep({
    ...{ log, store, timers, watch, logger: silentLogger },
    clock: { now },
    machine: { uptimeMs: sources.uptimeMs, sleptMs: slepts },
    grounds: { take: () => void told.push('grounds'), why: () => why },
    surfaces: {
      tell: (name, params) => void told.push([name, params]),
      unsentBytes: () => unsentBytes,
    },
    relays: {
      sleep: async (since) => {
        told.push(['relay', since]);
        await relays.sleep(since);
      },
      wake: () => void told.push('relay woken'),
    },
    lookAnew: async () => void told.push('looked anew'),
  });
  sleep.slept.on((each) => slept.push(each));
}

beforeEach(() => {
  folder = newFolder();
  timers = new FakeTimers();
  [told, slept, passedMs, sleptMs, tellsSleep] = [[], [], 0, 0, true];
  [why, unsentBytes] = ['Nothing held it.', 0];
  relays = { sleep: async () => {}, wake: () => {} };
  boot();
});
afterEach(() => {
  sleep.close();
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

function runs(ms: number): void {
  passedMs += ms;
  timers.advance(ms);
}
function machineSleeps(ms: number): void {
  passedMs += ms;
  sleptMs += ms;
}
function add(id: SessionId, body: EventBody): void {
  log.commit((tx) => tx.append(id, body));
}
function working(): SessionId {
  const sessionId = newSessionId();
  add(sessionId, {
    ...{ type: 'session.created', sessionId, agent: 'demo', cwd: '/w', worktree: null },
    ...{ mode: 'auto', title: 'Work', by: 'test' },
  } as EventBody);
  add(sessionId, {
    ...{ type: 'agent.started', instance: newInstanceId(), name: 'Demo', version: '1' },
    ...{ agentSession: 'a', loaded: false, accepts: { images: false, load: false } },
  } as EventBody);
  add(sessionId, { type: 'turn.started', turn: 1 } as EventBody);
  return sessionId;
}
const idle = (): SessionId => {
  const id = working();
  add(id, { type: 'turn.ended', turn: 1, outcome: 'completed' } as EventBody);
  return id;
};
const ofMachine = (id: SessionId): unknown[] =>
  log
    .events(id, { limit: 100 })
    .filter(({ type }) => type.startsWith('machine.') || type === 'notice')
    .map(({ type, ...rest }) => [type, 'why' in rest ? rest.why : 'text' in rest ? rest.text : '']);

/** As the holder has it: it waits until all were told. */
async function fallAsleep(): Promise<void> {
  const done = sleep.fallAsleep();
  let isDone = false;
  void done.then(() => (isDone = true));
  for (let n = 0; n < 400 && !isDone; n += 1) {
    runs(10);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await done;
}

test('those who work are told, then surfaces, then the relay; after waking all is looked at and told again', async () => {
  const [busy, quiet] = [working(), idle()];
  const sleeping = sleep.fallAsleep();
  expect([ofMachine(busy), ofMachine(quiet)]).toEqual([
    [['machine.sleeping', 'Nothing held it.']],
    [],
  ]);
  runs(10);
  await sleeping;
  // The system says it twice.
  await sleep.fallAsleep();
  machineSleeps(3_600_000);
  sleep.woke();
  sleep.woke();
  seen();
  const end = { from: iso(0), to: iso(3_600_010), why };
  expect(told).toEqual([
    'grounds',
    ['host.sleeping', { at: iso(0), why }],
    ['relay', iso(0)],
    'relay woken',
    ['host.woke', end],
    'looked anew',
  ]);
  expect(slept).toEqual([{ sleep: end, forMs: 3_600_010 }]);
  expect([ofMachine(busy), ofMachine(quiet)]).toEqual([
    [
      ['machine.sleeping', why],
      ['machine.woke', why],
    ],
    [],
  ]);
  expect(timers.pendingMs).toEqual([]);
});

test('a surface that reads nothing and a relay that is silent delay the sleep by 3 s at most', async () => {
  unsentBytes = 1;
  const waits = { ms: 0 };
  relays.sleep = async () => await new Promise((resolve) => void timers.after(1_000, resolve));
  await fallAsleep();
  waits.ms = passedMs;
  expect(waits.ms).toBeGreaterThan(1_500);
  expect(waits.ms).toBeLessThan(3_000);
});

test('a sleep that does not come is called off, at once when the system says so, after 20 s when nobody does', async () => {
  const id = working();
  await fallAsleep();
  sleep.woke();
  await fallAsleep();
  runs(20_000);
  const calledOff = 'The machine stayed awake: its sleep was called off.';
  expect(ofMachine(id)).toEqual([
    ['machine.sleeping', why],
    ['notice', calledOff],
    ['machine.sleeping', why],
    ['notice', calledOff],
  ]);
  expect(told.filter((each) => each === 'relay woken')).toHaveLength(2);
  expect([slept, timers.pendingMs]).toEqual([[], []]);
});

test('called off while all are still being told, the relay is not left', async () => {
  const sleeping = sleep.fallAsleep();
  sleep.woke();
  runs(10);
  await sleeping;
  expect(told).not.toContainEqual(['relay', iso(0)]);
});

test('a sleep that nobody told of is seen by the clocks, and told to those in the middle of a turn', () => {
  const [busy, quiet] = [working(), idle()];
  machineSleeps(7_200_000);
  runs(3_000);
  seen();
  expect([ofMachine(busy), ofMachine(quiet)]).toEqual([[['machine.woke', why]], []]);
  expect(told).toEqual([
    'grounds',
    ['host.woke', { from: iso(3_000), to: iso(7_203_000), why }],
    'looked anew',
  ]);
  expect(slept[0]?.forMs).toBe(7_200_000);
});

test('a wake that nobody tells of ends an announced sleep all the same', async () => {
  await fallAsleep();
  machineSleeps(60_000);
  runs(4_000);
  seen();
  sleep.woke();
  expect(told.slice(-3)).toEqual([
    'relay woken',
    ['host.woke', { from: iso(0), to: iso(64_010), why }],
    'looked anew',
  ]);
});

test('a process that was stopped, or a clock that was set, is no sleep', () => {
  const id = working();
  runs(60_000);
  seen();
  expect([told, ofMachine(id)]).toEqual([['looked anew'], []]);
});

test('a process that was stopped after the word of a sleep still waits for that sleep', async () => {
  await fallAsleep();
  runs(15_000);
  seen();
  expect(told.at(-1)).toBe('looked anew');
  expect(told).not.toContain('relay woken');
});

test('where no clock tells sleep, the word of the system is believed', async () => {
  tellsSleep = false;
  await fallAsleep();
  runs(3_000);
  sleep.woke();
  expect(slept).toHaveLength(1);
});

test('a full disk keeps nobody from being told', async () => {
  working();
  log.commit = () => {
    throw new StoreFull('the disk is full');
  };
  await fallAsleep();
  machineSleeps(5_000);
  sleep.woke();
  expect(
    told.flat().filter((each) => typeof each === 'string' && each.startsWith('host.')),
  ).toEqual(['host.sleeping', 'host.woke']);
});

test('a host that died in the sleep is followed by one that says what became of it', async () => {
  const id = working();
  await fallAsleep();
  sleep.close();
  store.close();
  machineSleeps(3_600_000);
  boot();
  sleep.restore();
  sleep.restore();
  expect(ofMachine(id)).toEqual([
    ['machine.sleeping', why],
    ['machine.woke', why],
  ]);
  expect(slept.map(({ forMs }) => forMs)).toEqual([3_600_010]);
});

test('a machine whose battery ran out in the sleep is said to have been started again', async () => {
  const id = working();
  await fallAsleep();
  sleep.close();
  store.close();
  passedMs += 3_600_000;
  sleptMs = 0;
  // Up for 20 s.
  boot(500_000 + passedMs - 20_000);
  sleep.restore();
  expect(ofMachine(id).at(-1)).toEqual([
    'machine.woke',
    'Nothing held it. It was off since then: the machine was started again.',
  ]);
  expect(slept[0]?.forMs).toBe(3_600_010);
});

test('a host that died before the sleep was called off, and a record that is damaged, tell of no sleep', async () => {
  const id = working();
  await fallAsleep();
  sleep.close();
  store.close();
  runs(2_000);
  boot();
  sleep.restore();
  log.commit((tx) => tx.putMeta('sleep', '{"from":"then"'));
  sleep.restore();
  expect([ofMachine(id).map((each) => (each as string[])[0]), slept]).toEqual([
    ['machine.sleeping', 'notice'],
    [],
  ]);
});
