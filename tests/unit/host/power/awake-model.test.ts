import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PowerPolicy } from '../../../../src/protocol/power.ts';
import type { SessionState } from '../../../../src/protocol/session/state.ts';
import { PowerBench } from './power-bench.ts';

const STEP_MS = 500;
/** A hold outlives its reason by no more, and comes no later after it. */
const LATE_MS = 2_000;

type Act =
  | { readonly do: 'turn' | 'end' | 'ask' | 'decide' | 'archive'; readonly which: number }
  | { readonly do: 'hold'; readonly forSec: number | null; readonly lid: boolean }
  | { readonly do: 'release' | 'die' | 'reboot' | 'wake' }
  | { readonly do: 'battery'; readonly percent: number; readonly onMains: boolean }
  | { readonly do: 'heat'; readonly celsius: number }
  | { readonly do: 'lid'; readonly closed: boolean }
  | { readonly do: 'blind' }
  | { readonly do: 'clock'; readonly byMs: number }
  | { readonly do: 'policy'; readonly policy: Partial<PowerPolicy> }
  | { readonly do: 'pass'; readonly ms: number };

const which = fc.nat({ max: 2 });
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({
    do: fc.constantFrom('turn', 'turn', 'end', 'ask', 'decide', 'archive'),
    which,
  }) as fc.Arbitrary<Act>,
  fc.record({
    do: fc.constant('hold' as const),
    forSec: fc.option(fc.integer({ min: 1, max: 120 })),
    lid: fc.boolean(),
  }),
  fc.record({ do: fc.constantFrom('release' as const, 'die', 'reboot', 'wake') }),
  fc.record({
    do: fc.constant('battery' as const),
    percent: fc.constantFrom(0, 3, 19, 20, 21, 24, 25, 60),
    onMains: fc.boolean(),
  }),
  fc.record({
    do: fc.constant('heat' as const),
    celsius: fc.constantFrom(50, 79, 81, 89, 90, 105),
  }),
  fc.record({ do: fc.constant('lid' as const), closed: fc.boolean() }),
  fc.constant({ do: 'blind' } as const),
  fc.record({
    do: fc.constant('clock' as const),
    byMs: fc.constantFrom(-86_400_000, -3_600_000, 3_600_000, 86_400_000),
  }),
  fc.record({
    do: fc.constant('policy' as const),
    policy: fc.constantFrom<Partial<PowerPolicy>>(
      { keepAwake: 'off' },
      { keepAwake: 'idle' },
      { keepAwake: 'lid' },
      { mainsOnly: true },
      { mainsOnly: false },
      { batteryFloor: 0 },
      { batteryFloor: 20 },
      { waitingMinutes: 1 },
      { quietHours: { from: '11:00', to: '12:01' } },
      { quietHours: null },
    ),
  }),
  fc.record({
    do: fc.constant('pass' as const),
    ms: fc.constantFrom(STEP_MS, 3_000, 20_000, 70_000),
  }),
);

/** What the issue says keeps a machine awake, told anew in the plainest way. */
function hasReason(bench: PowerBench): boolean {
  const { policy } = bench;
  const asks = (state: SessionState): boolean =>
    policy.keepAwake !== 'off' &&
    !state.archived &&
    ((state.approvals.length > 0 && state.allowed.length === 0) ||
      (state.turn !== null && state.turn.endedAt === null));
  return [...bench.states.values()].some(asks) || bench.users.all().length > 0;
}

function perform(bench: PowerBench, one: Act): void {
  const id = 'which' in one ? ([...bench.states.keys()][one.which] ?? null) : null;
  const state = id === null ? null : (bench.states.get(id) ?? null);
  const isRunning = state?.turn?.endedAt === null;
  switch (one.do) {
    case 'turn':
      if (id !== null && !isRunning) bench.turn(id);
      break;
    case 'end':
      if (id !== null && isRunning && state.approvals.length === 0) bench.ended(id);
      break;
    case 'ask':
      if (id !== null && isRunning) bench.asks(id);
      break;
    case 'decide':
      if (id !== null && state?.approvals[0] !== undefined) bench.decides(id, state.approvals[0]);
      break;
    case 'archive':
      if (id !== null && !isRunning)
        bench.add(id, { type: 'session.archived', archived: state?.archived !== true, by: 'x' });
      break;
    case 'hold':
      bench.hold({ lid: one.lid, ...(one.forSec !== null && { forSec: one.forSec }) });
      break;
    case 'release':
      bench.release();
      break;
    case 'die':
      if (bench.holder.isRunning) bench.holder.die();
      break;
    case 'reboot':
      bench.reboot();
      if (bench.holder.isRunning) bench.holder.reached.emit(bench.holder.reading());
      break;
    case 'wake':
      void bench.awake.lookAnew();
      break;
    case 'battery':
      bench.holder.tellSensors({ battery: { percent: one.percent, onMains: one.onMains } });
      break;
    case 'heat':
      bench.holder.tellSensors({ heat: { celsius: one.celsius, level: null } });
      break;
    case 'lid':
      bench.holder.tellSensors({ lidClosed: one.closed });
      break;
    case 'blind':
      bench.holder.tellSensors({ battery: null, heat: null });
      break;
    case 'clock':
      bench.wallSetMs += one.byMs;
      break;
    case 'policy':
      bench.policy = { ...bench.policy, ...one.policy };
      bench.awake.look();
      break;
    case 'pass':
  }
}

test('whatever sessions, people, sensors, clocks and processes do: nothing is held without a reason, or claimed without being so', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 40 }), async (acts) => {
      const bench = new PowerBench({ batteryFloor: 20 });
      for (const title of ['a', 'b', 'c']) bench.born(title);
      let withoutMs = 0;
      let withMs = 0;
      const check = (passedMs: number): void => {
        const { held } = bench.holder;
        const { state } = bench;
        const isStopped = state.heldBack.length > 0;
        const isWanted = hasReason(bench) && state.holds.length > 0 && !isStopped;
        withoutMs = isWanted ? 0 : withoutMs + passedMs;
        withMs = isWanted ? withMs + passedMs : 0;
        if (withoutMs >= LATE_MS) expect([held.idle, held.lid]).toEqual([false, false]);
        if (withMs >= LATE_MS) expect(held.idle).toBe(true);
        // Where the policy is off, they are shown and do not count.
        if (!hasReason(bench) && bench.policy.keepAwake !== 'off') expect(state.holds).toEqual([]);
        if (state.safeToCloseLid)
          expect([held.idle, held.lid, state.lid.effective, bench.holder.isRunning]).toEqual([
            ...[true, true, true, true],
          ]);
        expect(state.safeToCloseLid).toBe(state.reasons.length === 0);
        if (held.lid) expect(held.idle).toBe(true);
      };
      for (const one of acts) {
        perform(bench, one);
        await bench.settled();
        check(0);
        for (let left = one.do === 'pass' ? one.ms : STEP_MS; left > 0; left -= STEP_MS) {
          await bench.pass(STEP_MS, STEP_MS);
          check(STEP_MS);
        }
      }
      bench.awake.close();
      expect(bench.timers.pendingMs).toEqual([]);
    }),
    { numRuns: 150 },
  );
}, 30_000);

test('a stop does not flap: between two changes of it the readings have crossed the whole margin', async () => {
  const reading = fc.record({
    percent: fc.integer({ min: 14, max: 32 }),
    everyMs: fc.constantFrom(500, 2_000, 6_000),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(reading, { minLength: 10, maxLength: 80 }), async (readings) => {
      const bench = new PowerBench({ batteryFloor: 20, longestHours: 0 });
      bench.holder.sensors = { ...bench.holder.sensors, battery: { percent: 30, onMains: false } };
      bench.turn(bench.states.keys().next().value ?? bench.born());
      await bench.settled();
      let isHeld = bench.holder.held.idle;
      let since: number[] = [];
      for (const { percent, everyMs } of readings) {
        bench.holder.tellSensors({ battery: { percent, onMains: false } });
        since.push(percent);
        await bench.pass(everyMs, 500);
        if (bench.holder.held.idle === isHeld) continue;
        isHeld = bench.holder.held.idle;
        // Stopped by at most the floor, going on by at least the floor and the margin.
        expect(isHeld ? Math.max(...since) >= 25 : Math.min(...since) <= 20).toBe(true);
        since = [percent];
      }
      bench.awake.close();
    }),
    { numRuns: 60 },
  );
}, 30_000);
