import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ExpiryAct } from '../../../../src/protocol/approval/approval.ts';
import type { SessionId } from '../../../../src/protocol/ids.ts';
import { MemoryKeeper } from '../../../fakes/memory-keeper.ts';
import { SILENCE, ScriptedAgent, type Heard } from '../../../fakes/scripted-agent.ts';
import { HostCore, local, newCommandId } from '../support/host-core.ts';

const MINUTE_MS = 60_000;
const START_MS = Date.parse('2026-11-21T20:00:00.000Z');

let scripted: ScriptedAgent;
let keeper: MemoryKeeper;
let core: HostCore;
let nowMs: number;
let isNight: boolean;
let onExpiry: ExpiryAct;
let prompts: Heard[];
let timers: { atMs: number; run: () => void }[];
const folders: HostCore[] = [];

function host(folder?: string): HostCore {
  timers = [];
  core = new HostCore({
    pipes: keeper.connect(),
    ...(folder !== undefined && { folder }),
    approvals: {
      now: () => new Date(nowMs),
      isNight: () => isNight,
      settings: () => ({ patienceMs: 30 * MINUTE_MS, onExpiry }),
      timers: {
        nowMs: () => nowMs,
        after: (delayMs, run) => {
          const timer = { atMs: nowMs + delayMs, run };
          timers.push(timer);
          return () => void (timers = timers.filter((each) => each !== timer));
        },
      },
    },
  });
  return core;
}

/** Timers run as they would, one after the other. */
function pass(ms: number): void {
  const untilMs = nowMs + ms;
  for (;;) {
    const due = timers.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
    if (due === undefined) break;
    nowMs = Math.max(nowMs, due.atMs);
    timers = timers.filter((each) => each !== due);
    due.run();
  }
  nowMs = untilMs;
}
const decide = async (approvalId: string, hash: string) =>
  await core.desk.decide(
    {
      commandId: newCommandId(),
      approvalId: approvalId as never,
      hash,
      choice: { allow: true },
    },
    local,
  );
const asked = async () => await core.approval(await core.start('work'));
const closed = (id: SessionId) =>
  core.events(id).flatMap((each) => (each.type === 'approval.closed' ? [each.reason] : []));

beforeEach(() => {
  [nowMs, isNight, onExpiry, prompts] = [START_MS, false, 'deny', []];
  scripted = new ScriptedAgent();
  scripted.handlers['session/prompt'] = (process, request) => {
    prompts.push(request);
    process.ask(String(request.params?.sessionId), 'make');
    return SILENCE;
  };
  keeper = new MemoryKeeper({ scripted: scripted.agent });
  folders.push(host());
});
afterEach(() => {
  core.leave();
  for (const each of folders.splice(0)) each.close();
  vi.restoreAllMocks();
});

test('whose time is over is refused, and who decides after that learns that it expired', async () => {
  const approval = await asked();
  pass(30 * MINUTE_MS - 1);
  expect(core.desk.open()).toHaveLength(1);
  pass(1);
  await core.until(approval.sessionId, () => scripted.count('no') === 1);
  expect(closed(approval.sessionId)).toEqual(['expired']);
  expect(await decide(approval.id, approval.hash)).toEqual({ outcome: 'expired', receipt: null });
  expect(core.types(approval.sessionId)).not.toContain('approval.delivered');
});

test('a decision in the last moment wins, and nothing expires after it', async () => {
  const { id, hash, sessionId } = await asked();
  nowMs += 30 * MINUTE_MS;
  expect((await decide(id, hash)).outcome).toBe('decided');
  core.expiry.look();
  expect([closed(sessionId), scripted.count('yes'), scripted.count('no')]).toEqual([[], 1, 0]);
});

test('where it may stay, its time passes and nothing happens', async () => {
  onExpiry = 'stay';
  const { sessionId } = await asked();
  pass(90 * MINUTE_MS);
  expect([closed(sessionId), core.desk.open().length, timers.length]).toEqual([[], 1, 0]);
});

test('a turn that is put aside is interrupted, says why, and asks again when it goes on', async () => {
  onExpiry = 'park';
  scripted.handlers['session/cancel'] = (process) => {
    process.answer(prompts[0] ?? {}, { stopReason: 'cancelled' });
    return SILENCE;
  };
  const { sessionId, id } = await asked();
  pass(30 * MINUTE_MS);
  const state = await core.turnEnded(sessionId);
  expect([closed(sessionId), state.turn?.outcome, state.problem?.message]).toEqual([
    ['expired'],
    'interrupted',
    'Nobody decided on "make" in time, so the turn was put aside.',
  ]);
  expect(scripted.told().slice(-2)).toEqual(['cancelled', 'session/cancel']);
  core.sessions.continue(sessionId, newCommandId(), 'test');
  const again = await core.approval(sessionId);
  expect([again.id === id, again.title]).toEqual([false, 'make']);
});

test('put aside, it stays interrupted also when the agent goes away over it', async () => {
  onExpiry = 'park';
  const { sessionId } = await asked();
  pass(30 * MINUTE_MS);
  scripted.processes[0]?.io.exit(1);
  const state = await core.turnEnded(sessionId);
  expect([state.turn?.outcome, state.problem?.message]).toEqual([
    'interrupted',
    'Nobody decided on "make" in time, so the turn was put aside.',
  ]);
});

test('its time runs on while no host does', async () => {
  const { sessionId } = await asked();
  core.leave();
  nowMs += 31 * MINUTE_MS;
  await host(core.folder).restore();
  expect(closed(sessionId)).toEqual(['expired']);
});

test('at night nothing expires, and in the morning its whole time begins, also for a new host', async () => {
  const { sessionId } = await asked();
  isNight = true;
  core.expiry.look();
  pass(8 * 60 * MINUTE_MS);
  expect(core.desk.open()).toHaveLength(1);
  isNight = false;
  pass(MINUTE_MS);
  core.leave();
  await host(core.folder).restore();
  pass(28 * MINUTE_MS);
  expect(core.desk.open()).toHaveLength(1);
  pass(2 * MINUTE_MS);
  expect(closed(sessionId)).toEqual(['expired']);
});
