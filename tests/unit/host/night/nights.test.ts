import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLogger } from '../../../../src/base/log.ts';
import { EventLog } from '../../../../src/host/event-log/event-log.ts';
import { openStore } from '../../../../src/host/event-log/sqlite-store.ts';
import type { Store } from '../../../../src/host/event-log/store.ts';
import { newApprovalId, newInstanceId, newSessionId } from '../../../../src/host/ids.ts';
import { Nights, type NightChange } from '../../../../src/host/night/nights.ts';
import { Commands } from '../../../../src/host/sessions/commands.ts';
import type { Approval } from '../../../../src/protocol/approval/approval.ts';
import type { SessionId } from '../../../../src/protocol/ids.ts';
import type { RuleRef } from '../../../../src/protocol/rules/rule-ref.ts';
import type { EventBody } from '../../../../src/protocol/session/events.ts';
import { FakeTimers } from '../../../fakes/fake-timers.ts';
import { eventually, newCommandId, newFolder } from '../support/host-core.ts';

const EVENING = Date.parse('2026-11-20T22:00:00.000Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const rule = (id: string): RuleRef => ({ source: 'user', id, text: `rule ${id}` });

let folder: string;
let store: Store;
let log: EventLog;
let nights: Nights;
let timers: FakeTimers;
let nowMs: number;
let noted: string[];
let changes: (readonly [string | null, string])[];
/** Slices that were read between two turns of the event loop. */
let breaths: number;

function boot(): void {
  store = openStore(join(folder, 'history.db'), { log: silentLogger });
  const now = () => new Date(nowMs);
  log = new EventLog(store, { now });
  nights = new Nights({
    ...{ log, store, now, logger: silentLogger },
    commands: new Commands(log, store, now),
    timers,
    audit: {
      who: (by) => ({ surface: by }),
      append: (_, { kind, who, what }) => noted.push(`${kind} ${who.surface} ${what.begun}`),
    },
    breathe: async () => {
      breaths += 1;
      await new Promise((resolve) => setImmediate(resolve));
    },
  });
  nights.changed.on(({ night, by }: NightChange) => changes.push([night?.since ?? null, by]));
  nights.restore();
}
function reboot(): void {
  nights.close();
  store.close();
  boot();
}

beforeEach(() => {
  folder = newFolder();
  timers = new FakeTimers();
  [nowMs, changes, noted, breaths] = [EVENING, [], [], 0];
  boot();
});
afterEach(() => {
  nights.close();
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

function born(title: string): SessionId {
  const sessionId = newSessionId();
  add(sessionId, {
    ...{ type: 'session.created', sessionId, agent: 'demo', cwd: '/w', worktree: null },
    ...{ mode: 'auto', title, by: 'test' },
  } as EventBody);
  add(sessionId, {
    ...{ type: 'agent.started', instance: newInstanceId(), name: 'Demo', version: '1' },
    ...{ agentSession: 'a', loaded: false, accepts: { images: false, load: false } },
  } as EventBody);
  return sessionId;
}
function add(id: SessionId, ...bodies: EventBody[]): void {
  log.commit((tx) => {
    for (const body of bodies) tx.append(id, body);
  });
}
const turn = (n: number): EventBody => ({
  type: 'turn.started',
  turn: n,
  commandId: newCommandId(),
});
const ended = (n: number, outcome: 'completed' | 'failed' | 'cancelled'): EventBody =>
  ({
    ...{ type: 'turn.ended', turn: n, outcome },
  }) as EventBody;
function asks(id: SessionId, title: string): Approval {
  const approval: Approval = {
    id: newApprovalId(),
    sessionId: id,
    kind: 'execute',
    title,
    hash: 'a'.repeat(64),
    call: { tool: 'Bash', input: { command: title }, locations: [], diff: [] },
    options: [],
    createdAt: new Date(nowMs).toISOString(),
    expiresAt: null,
  };
  add(id, { type: 'approval.opened', approval });
  return approval;
}
const decides = (id: SessionId, { id: approvalId }: Approval, allowed: boolean, by?: RuleRef) =>
  add(id, {
    ...{ type: 'approval.decided', approvalId, optionId: 'x', allowed, by: 'host' },
    ...(by && { rule: by }),
  } as EventBody);
const begin = (until?: number) =>
  nights.start(newCommandId(), until === undefined ? undefined : iso(until), 'cli');
const iso = (ms: number): string => new Date(ms).toISOString();

describe('a night', () => {
  test('is kept over a restart, and ends by itself at its time', () => {
    begin(EVENING + 9 * HOUR);
    reboot();
    expect(nights.current()).toEqual({
      since: iso(EVENING),
      until: iso(EVENING + 9 * HOUR),
      by: 'cli',
    });
    nowMs = EVENING + 9 * HOUR - 1;
    nights.look();
    expect(nights.isNight()).toBe(true);
    nowMs += 1;
    nights.look();
    expect([nights.current(), noted, changes]).toEqual([
      null,
      ['nightChanged cli true', 'nightChanged host false'],
      [
        [iso(EVENING), 'cli'],
        [null, 'host'],
      ],
    ]);
  });

  test('that was over before the host came back has ended when it should have', async () => {
    begin(EVENING + HOUR);
    nowMs = EVENING + 8 * HOUR;
    reboot();
    expect(await nights.report()).toMatchObject({
      since: iso(EVENING),
      ended: iso(EVENING + HOUR),
    });
  });

  test('begun twice goes on, until the later end', () => {
    begin(EVENING + HOUR);
    nowMs += MINUTE;
    const untils = [EVENING + 3 * HOUR, EVENING + 2 * HOUR, undefined, EVENING + HOUR].map(
      (until) => begin(until).night.until,
    );
    expect([untils, nights.current()?.since]).toEqual([
      [iso(EVENING + 3 * HOUR), iso(EVENING + 3 * HOUR), null, null],
      iso(EVENING),
    ]);
  });

  test('has an end to come, within a month; and there is none to end by day', () => {
    expect(() => begin(EVENING)).toThrow('is over: name a time to come');
    expect(() => begin(EVENING + 40 * 24 * HOUR)).toThrow('within 31 days');
    expect(() => nights.end(newCommandId(), 'cli')).toThrow('It is no night');
  });

  test('asked for again by the same command it is not begun twice', () => {
    const commandId = newCommandId();
    nights.start(commandId, undefined, 'cli');
    nights.end(newCommandId(), 'cli');
    nights.start(commandId, undefined, 'cli');
    expect(nights.isNight()).toBe(false);
  });
});

describe('the page of the morning after', () => {
  test('says what ran, what rules did, what waits, and for how long', async () => {
    const before = born('Begun before');
    add(before, turn(1));
    const quiet = born('Asleep');
    const shy = asks(before, 'rm -rf build');
    nowMs += MINUTE;
    begin();
    // Waits for ten minutes, is allowed by a person, works for twenty.
    nowMs += 10 * MINUTE;
    decides(before, shy, true);
    nowMs += 20 * MINUTE;
    add(before, ended(1, 'completed'), turn(2));
    decides(before, asks(before, 'npm test'), true, rule('tests'));
    decides(before, asks(before, 'npm test'), true, rule('tests'));
    nowMs += MINUTE;
    decides(before, asks(before, 'git push'), false, rule('push'));
    add(before, ended(2, 'failed'));
    const late = born('Begun in the night');
    add(late, turn(1));
    nowMs += 5 * MINUTE;
    const waits = asks(late, 'curl example.com');
    nowMs += 30 * MINUTE;
    reboot();
    nights.end(newCommandId(), 'window');
    const endedAt = iso(nowMs);
    nowMs += HOUR;
    asks(quiet, 'asked by day');
    const report = await nights.report();
    const nothing = { completed: 0, cutShort: 0, allowed: 0, refused: 0 };
    expect(report).toEqual({
      since: iso(EVENING + MINUTE),
      ended: endedAt,
      sessions: [
        {
          ...{ sessionId: before, title: 'Begun before', state: 'idle' },
          ...{ completed: 1, cutShort: 1, allowed: 2, refused: 1 },
          ...{ workedMs: 21 * MINUTE, waitedMs: 10 * MINUTE },
        },
        {
          ...{ sessionId: late, title: 'Begun in the night', state: 'waiting', ...nothing },
          ...{ workedMs: 5 * MINUTE, waitedMs: 30 * MINUTE },
        },
      ],
      rules: [
        { rule: rule('tests'), allowed: true, times: 2 },
        { rule: rule('push'), allowed: false, times: 1 },
      ],
      refused: [
        {
          sessionId: before,
          title: 'git push',
          rule: rule('push'),
          at: iso(EVENING + 32 * MINUTE),
        },
      ],
      waiting: [waits],
    });
    // Read to its end, it is kept as it is, whatever comes by day.
    nights.look();
    await eventually(() => store.meta('night')?.includes('"baselines":{}') || null);
    reboot();
    decides(late, waits, true);
    expect(await nights.report()).toEqual({
      ...report,
      sessions: report?.sessions.map((each) =>
        each.sessionId === late ? { ...each, state: 'working' } : each,
      ),
      waiting: [],
    });
  });

  test('there is none before the first night, and the next night has its own', async () => {
    expect(await nights.report()).toBeNull();
    const id = born('One');
    begin();
    add(id, turn(1), ended(1, 'completed'));
    nights.end(newCommandId(), 'cli');
    nowMs += HOUR;
    begin();
    expect([(await nights.report())?.sessions, (await nights.report())?.since]).toEqual([
      [],
      iso(nowMs),
    ]);
  });

  test('of 64 sessions and 20,000 events is read in slices, each event once', async () => {
    const ids = Array.from({ length: 64 }, (_, n) => born(`Session ${n}`));
    begin();
    for (const id of ids) {
      add(id, turn(1));
      for (let batch = 0; batch < 3; batch += 1)
        add(
          id,
          ...Array.from({ length: 100 }, (): EventBody => ({ type: 'agent.text', text: 'word ' })),
        );
      for (let n = 0; n < 5; n += 1) decides(id, asks(id, `call ${n}`), false, rule(`r${n}`));
    }
    nowMs += MINUTE;
    let longestMs = 0;
    let lastMs = performance.now();
    const watch = setInterval(() => {
      longestMs = Math.max(longestMs, performance.now() - lastMs);
      lastMs = performance.now();
    }, 1);
    const report = await nights.report();
    clearInterval(watch);
    expect([
      report?.sessions.length,
      report?.refused.length,
      report?.rules.map(({ times }) => times),
    ]).toEqual([64, 200, [64, 64, 64, 64, 64]]);
    const read = breaths;
    await nights.report();
    expect(breaths).toBe(read);
    // What stands between two turns of the loop is one slice.
    expect(longestMs).toBeLessThan(250);
  });
});
