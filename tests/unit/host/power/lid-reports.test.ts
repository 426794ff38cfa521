import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLogger } from '../../../../src/base/log.ts';
import { EventLog } from '../../../../src/host/event-log/event-log.ts';
import { openStore } from '../../../../src/host/event-log/sqlite-store.ts';
import type { Store } from '../../../../src/host/event-log/store.ts';
import { newInstanceId, newSessionId } from '../../../../src/host/ids.ts';
import { LidReports } from '../../../../src/host/power/lid/lid-reports.ts';
import type { SessionId } from '../../../../src/protocol/ids.ts';
import { lidReportSchema, type LidReport } from '../../../../src/protocol/power.ts';
import type { EventBody } from '../../../../src/protocol/session/events.ts';
import { FakeTimers } from '../../../fakes/fake-timers.ts';
import { newFolder } from '../support/host-core.ts';

const START = Date.parse('2026-11-21T14:00:00.000Z');
const MINUTE = 60_000;
const iso = (ms: number): string => new Date(START + ms).toISOString();

let folder: string;
let store: Store;
let log: EventLog;
let timers: FakeTimers;
let reports: LidReports;
let told: LidReport[];
/** Since START, and by how much the wall clock was set. */
let nowMs: number;
let setMs: number;
let seen: Parameters<LidReports['observe']>[0];

function boot(): void {
  store = openStore(join(folder, 'history.db'), { log: silentLogger });
  const now = () => new Date(START + nowMs + setMs);
  log = new EventLog(store, { now });
  const clock = { now, steadyMs: () => START + nowMs };
  reports = new LidReports({
    ...{ log, store, timers, clock, logger: silentLogger },
    tell: (report) => void told.push(lidReportSchema.parse(report)),
  });
}
function reboot(): void {
  reports.close();
  store.close();
  boot();
}
beforeEach(() => {
  folder = newFolder();
  timers = new FakeTimers();
  [told, nowMs, setMs] = [[], 0, 0];
  seen = { lidClosed: false, battery: null, heat: null, safeToCloseLid: true };
  boot();
});
afterEach(() => {
  reports.close();
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

function pass(ms: number): void {
  nowMs += ms;
  timers.advance(ms);
}
function see(change: Partial<typeof seen>): void {
  seen = { ...seen, ...change };
  reports.observe(seen);
}
const lid = (lidClosed: boolean): void => see({ lidClosed });
const battery = (percent: number) => ({ percent, onMains: false });
function add(id: SessionId, body: object): void {
  log.commit((tx) => tx.append(id, body as EventBody));
}
function session(title: string): SessionId {
  const sessionId = newSessionId();
  add(sessionId, {
    ...{ type: 'session.created', sessionId, agent: 'demo', cwd: '/w', worktree: null },
    ...{ mode: 'auto', title, by: 'test' },
  });
  add(sessionId, {
    ...{ type: 'agent.started', instance: newInstanceId(), name: 'Demo', version: '1' },
    ...{ agentSession: 'a', loaded: false, accepts: { images: false, load: false } },
  });
  return sessionId;
}
const begin = (id: SessionId) => add(id, { type: 'turn.started', turn: 1 });
const end = (id: SessionId) => add(id, { type: 'turn.ended', turn: 1, outcome: 'completed' });
function slept(fromMs: number, toMs: number, why = 'Nothing held it.'): void {
  reports.slept({ from: iso(fromMs), to: iso(toMs), why }, toMs - fromMs);
}

test('what ran behind the lid, for how long, on how much battery, how hot, and when it slept', () => {
  const [early, late, idle] = [session('Early'), session('Late'), session('Idle')];
  begin(early);
  see({ battery: battery(81), heat: { celsius: 50, level: null } });
  pass(MINUTE);
  lid(true);
  expect([told, reports.current()]).toMatchObject([
    [{ closedAt: iso(MINUTE), openedAt: null, wasSafe: true, battery: null }],
    { closedAt: iso(MINUTE), openedAt: null, sessions: [] },
  ]);
  // What closing brings is not what the person saw.
  see({ safeToCloseLid: false });
  pass(2 * MINUTE);
  see({ battery: battery(78), heat: { celsius: 71.5, level: null } });
  end(early);
  begin(late);
  pass(MINUTE);
  see({ battery: battery(70), heat: { celsius: 60, level: null } });
  pass(10 * MINUTE);
  slept(5 * MINUTE, 14 * MINUTE);
  lid(false);
  pass(MINUTE);
  end(late);
  const report = {
    closedAt: iso(MINUTE),
    openedAt: iso(14 * MINUTE),
    wasSafe: true,
    sessions: [
      { sessionId: early, title: 'Early', workedMs: 2 * MINUTE },
      { sessionId: late, title: 'Late', workedMs: 2 * MINUTE },
    ],
    battery: { from: 81, to: 70 },
    hottest: { celsius: 71.5, at: iso(3 * MINUTE) },
    slept: [{ from: iso(5 * MINUTE), to: iso(14 * MINUTE), why: 'Nothing held it.' }],
  };
  expect([told.length, told.at(-1), reports.current()]).toEqual([2, report, report]);
  expect(idle).toBeDefined();
  reboot();
  expect(reports.current()).toEqual(report);
});

test('a sleep that the opening ended is told after it, and amends the report', () => {
  const id = session('Work');
  lid(false);
  begin(id);
  lid(true);
  pass(30 * MINUTE);
  lid(false);
  expect(told.at(-1)?.sessions).toMatchObject([{ workedMs: 30 * MINUTE }]);
  slept(10 * MINUTE, 30 * MINUTE, 'The battery was at 19 %.');
  expect(told.at(-1)).toMatchObject({
    openedAt: iso(30 * MINUTE),
    sessions: [{ workedMs: 10 * MINUTE }],
    slept: [{ why: 'The battery was at 19 %.' }],
  });
  pass(MINUTE);
  slept(30.5 * MINUTE, 31 * MINUTE);
  expect([told.length, reports.current()?.slept.length]).toEqual([3, 1]);
});

test('a lid that bounces is neither a report of its own nor the end of one', () => {
  lid(false);
  lid(true);
  pass(60 * MINUTE);
  // Opened, closed for a moment, and opened.
  lid(false);
  const whole = told.at(-1);
  pass(5 * MINUTE);
  lid(true);
  pass(1_500);
  lid(false);
  expect([told.at(-1), reports.current()]).toEqual([whole, whole]);
  pass(5 * MINUTE);
  lid(true);
  pass(10 * MINUTE);
  lid(false);
  pass(1_000);
  lid(true);
  pass(10 * MINUTE);
  lid(false);
  expect(reports.current()).toMatchObject({
    closedAt: iso(70 * MINUTE + 1_500),
    openedAt: iso(90 * MINUTE + 2_500),
  });
});

test('a lid that nobody saw close alarms nobody; a reading that fails says nothing about it', () => {
  seen = { ...seen, safeToCloseLid: false };
  lid(true);
  expect([told, reports.current()]).toMatchObject([[], { closedAt: iso(0), openedAt: null }]);
  pass(MINUTE);
  see({ lidClosed: null });
  see({ lidClosed: true });
  pass(MINUTE);
  lid(false);
  expect(told).toMatchObject([{ closedAt: iso(0), openedAt: iso(2 * MINUTE) }]);
});

test('a host that follows behind the closed lid goes on with what was kept', () => {
  const id = session('Work');
  lid(false);
  lid(true);
  begin(id);
  pass(2 * MINUTE);
  reboot();
  pass(MINUTE);
  lid(true);
  pass(3 * MINUTE);
  lid(false);
  // The minute without a host is not counted: nobody saw it.
  expect(told.slice(1)).toMatchObject([
    { closedAt: iso(0), openedAt: iso(6 * MINUTE), sessions: [{ workedMs: 5 * MINUTE }] },
  ]);
});

test('opened while no host ran, it is opened when the next one sees it', () => {
  lid(false);
  lid(true);
  pass(MINUTE);
  reboot();
  pass(MINUTE);
  lid(false);
  expect(reports.current()).toMatchObject({ closedAt: iso(0), openedAt: iso(2 * MINUTE) });
});

test('a host that is killed behind the lid loses a minute of it at most, and writes nothing while nothing happens', () => {
  const id = session('Work');
  let writes = 0;
  const { commit } = log;
  log.commit = (work) => {
    writes += 1;
    return commit.call(log, work) as ReturnType<typeof work>;
  };
  lid(false);
  lid(true);
  const before = writes;
  for (let n = 0; n < 10; n += 1) pass(MINUTE);
  expect(writes - before).toBe(0);
  begin(id);
  for (let n = 0; n < 10; n += 1) pass(MINUTE);
  pass(30_000);
  store.close();
  boot();
  lid(true);
  end(id);
  expect(reports.current()?.sessions).toMatchObject([{ workedMs: 10 * MINUTE }]);
});

test('a clock that is set in between changes no length', () => {
  const id = session('Work');
  lid(false);
  lid(true);
  begin(id);
  pass(MINUTE);
  setMs = -3_600_000;
  pass(MINUTE);
  setMs = 7_200_000;
  end(id);
  lid(false);
  expect(reports.current()?.sessions).toMatchObject([{ workedMs: 2 * MINUTE }]);
});

test('many sessions and many sleeps stay within bounds', () => {
  lid(false);
  lid(true);
  const ids = Array.from({ length: 120 }, (_, n) => session(`S${n}`));
  for (const id of ids) {
    begin(id);
    pass(10);
    end(id);
  }
  for (let n = 0; n < 150; n += 1) {
    pass(20);
    slept(nowMs - 10, nowMs, String(n));
  }
  const { sessions, slept: all } = lidReportSchema.parse(reports.current());
  expect([sessions.length, all.length, all.at(-1)?.why]).toEqual([100, 100, '149']);
});

test('what was kept and cannot be read is forgotten', () => {
  log.commit((tx) => tx.putMeta('lidReport', '{"closedAt":1}'));
  reboot();
  expect(reports.current()).toBeNull();
});
