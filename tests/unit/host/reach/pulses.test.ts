import { beforeEach, expect, test } from 'vitest';
import { Emitter } from '../../../../src/base/emitter.ts';
import { silentLogger } from '../../../../src/base/log.ts';
import { Pulses } from '../../../../src/host/reach/pulses.ts';
import type { ProcessLook } from '../../../../src/host/reach/seen.ts';
import {
  instanceIdSchema,
  sessionIdSchema,
  type InstanceId,
  type SessionId,
} from '../../../../src/protocol/ids.ts';
import type { AgentPulse } from '../../../../src/protocol/reach.ts';
import type { SessionState } from '../../../../src/protocol/session/state.ts';
import { VirtualTime } from '../../../fakes/virtual-time.ts';

let time: VirtualTime;
let states: SessionState[];
let seen: ProcessLook;
/** Instances that answer, and for how long those have been asked that do not. */
let answering: Set<InstanceId>;
let openSince: Map<InstanceId, number>;
let asked: number;
let looked: number[][];
let told: (readonly Pick<AgentPulse, 'sessionId' | 'pulse'>[])[];
let pulses: Pulses;
const changed = new Emitter<void>();

beforeEach(() => {
  time = new VirtualTime();
  states = [];
  seen = { stopped: false, connections: 1 };
  answering = new Set();
  openSince = new Map();
  asked = 0;
  looked = [];
  told = [];
  pulses = new Pulses({
    states: () => states,
    changed,
    pings: {
      openForMs: (instance) => {
        const since = openSince.get(instance);
        return since === undefined ? null : time.nowMs() - since;
      },
      ask: async (instance, limitMs) => {
        asked += 1;
        if (answering.has(instance)) return 4;
        if (!openSince.has(instance)) openSince.set(instance, time.nowMs());
        await time.wait(limitMs);
        return null;
      },
    },
    processes: async () => [
      { pid: 10, startedAt: '1', parent: 1 },
      { pid: 11, startedAt: '1', parent: 10 },
      { pid: 12, startedAt: '1', parent: 11 },
    ],
    look: async (pids) => {
      looked.push([...pids]);
      return seen;
    },
    timers: time,
    logger: silentLogger,
  });
  pulses.changed.on((list) =>
    told.push(list.map(({ sessionId, pulse }) => ({ sessionId, pulse }))),
  );
});

const at = (ms: number): string => new Date(ms).toISOString();

/** Only what pulses look at. */
function session(n: number, given: Partial<SessionState> = {}): SessionId {
  const id = sessionIdSchema.parse(`s_${String(n).padStart(12, '0')}`);
  const instance = instanceIdSchema.parse(`i_${String(n).padStart(12, '0')}`);
  const turn = { turn: 1, startedAt: at(time.nowMs()), endedAt: null, outcome: null };
  const state = { id, instance, state: 'working', archived: false, approvals: [], openTools: [] };
  states.push({ ...state, turn, heardAt: at(time.nowMs()), ...given } as unknown as SessionState);
  answering.add(instance);
  return id;
}

test('while no agent has work nothing is asked, looked at or told, however long it lasts', async () => {
  session(1, { state: 'idle', turn: null });
  pulses.start();
  await time.advance(3_600_000);
  expect({ asked, looked, told }).toEqual({ asked: 0, looked: [], told: [] });
});

test('an agent that is heard of is at work, and is left in peace', async () => {
  const id = session(1);
  pulses.start();
  await time.advance(10_000);
  expect({ asked, looked, told }).toEqual({
    asked: 0,
    looked: [],
    told: [[{ sessionId: id, pulse: 'working' }]],
  });
});

test('one that is quiet is asked, and told once for as long as it stays so, from when it was last heard of', async () => {
  const id = session(1);
  const heardAt = at(time.nowMs());
  pulses.start();
  await time.advance(120_000);
  expect(told).toEqual([
    [{ sessionId: id, pulse: 'working' }],
    [{ sessionId: id, pulse: 'waitsForModel' }],
  ]);
  expect(pulses.current()).toMatchObject([{ pulse: 'waitsForModel', since: heardAt, heardAt }]);
  expect(asked).toBeGreaterThan(5);
});

test('one that stops to answer hangs after 20 s, and no longer when it answers again', async () => {
  const id = session(1);
  answering.clear();
  pulses.start();
  await time.advance(70_000);
  expect(told.at(-1)).toEqual([{ sessionId: id, pulse: 'hangs' }]);
  openSince.clear();
  answering.add(states[0]?.instance ?? instanceIdSchema.parse('i_000000000000'));
  await time.advance(30_000);
  expect(told.at(-1)).toEqual([{ sessionId: id, pulse: 'waitsForModel' }]);
});

test('the agent is looked at with its children; while a tool of it runs, alone', async () => {
  session(1);
  pulses.start();
  await time.advance(30_000);
  expect(looked.at(-1)).toEqual([10, 11]);
  states = states.map((state) => ({ ...state, openTools: ['t'] }));
  await time.advance(20_000);
  expect(looked.at(-1)).toEqual([10]);
  expect(told.at(-1)).toMatchObject([{ pulse: 'runsTool' }]);
});

test('when its work is over nothing of it is told any more, and work that begins is seen', async () => {
  const id = session(1);
  pulses.start();
  await time.advance(30_000);
  states = states.map((state) => ({ ...state, state: 'idle' }));
  changed.emit();
  await time.advance(20_000);
  expect(told.at(-1)).toEqual([]);
  states = states.map((state) => ({ ...state, state: 'working', heardAt: at(time.nowMs()) }));
  changed.emit();
  await time.advance(10_000);
  expect(told.at(-1)).toEqual([{ sessionId: id, pulse: 'working' }]);
});

test('a process that cannot be asked about is not said to hang', async () => {
  session(1);
  seen = { stopped: null, connections: null };
  pulses.start();
  await time.advance(60_000);
  expect(told.at(-1)).toMatchObject([{ pulse: 'waitsForModel' }]);
  await time.advance(600_000);
  expect(told.at(-1)).toMatchObject([{ pulse: 'silent' }]);
});

test('a probe asks each process once, idle ones too, and says how long it took', async () => {
  const first = session(1, { state: 'idle', turn: null });
  const second = session(2);
  const third = session(3, { instance: null, state: 'ended', turn: null });
  const shared = states[0]?.instance ?? null;
  states = states.map((state) => (state.id === second ? { ...state, instance: shared } : state));
  const found = await pulses.probe(6_000);
  expect(asked).toBe(1);
  expect([first, second, third].map((id) => found.get(id))).toMatchObject([
    { ms: 4, pulse: { pulse: 'idle' } },
    { ms: 4, pulse: { pulse: 'working' } },
    { ms: null, pulse: { pulse: 'gone', heardAt: null } },
  ]);
});
