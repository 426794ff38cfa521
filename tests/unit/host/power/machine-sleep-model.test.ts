import fc from 'fast-check';
import { expect, test } from 'vitest';
import { silentLogger } from '../../../../src/base/log.ts';
import { WakeWatch } from '../../../../src/host/clock/wake-watch.ts';
import { EventLog } from '../../../../src/host/event-log/event-log.ts';
import { newInstanceId, newSessionId } from '../../../../src/host/ids.ts';
import { MachineSleep } from '../../../../src/host/power/sleep/machine-sleep.ts';
import type { EventBody } from '../../../../src/protocol/session/events.ts';
import { FakeTimers } from '../../../fakes/fake-timers.ts';
import { MemoryDisk, memoryStore } from '../../../fakes/memory-store.ts';

const START = Date.parse('2026-11-21T14:00:00.000Z');

/** What a system, a clock and a keeper do to a host; words of the system may be lost or come twice. */
const step = fc.oneof(
  fc.constant({ do: 'suspend' } as const),
  fc.constant({ do: 'resume' } as const),
  fc.record({ do: fc.constant('sleep' as const), ms: fc.integer({ min: 2_000, max: 9_000_000 }) }),
  fc.record({ do: fc.constant('run' as const), ms: fc.integer({ min: 10, max: 30_000 }) }),
  fc.record({ do: fc.constant('set' as const), ms: fc.integer({ min: -7e6, max: 7e6 }) }),
  fc.constant({ do: 'kill' } as const),
);

/** A host on a machine that sleeps, with one session at work. */
class Model {
  readonly store = memoryStore(new MemoryDisk());
  readonly told: string[] = [];
  readonly id = newSessionId();
  uptimeMs = 500_000;
  sleptMs = 0;
  wallMs = START;
  relayIsAway = false;
  log!: EventLog;
  sleep!: MachineSleep;
  timers = new FakeTimers();
  look: () => void = () => {};

  constructor() {
    this.boot();
    const { id: sessionId } = this;
    for (const body of [
      {
        ...{ type: 'session.created', sessionId, agent: 'demo', cwd: '/w', worktree: null },
        ...{ mode: 'auto', title: 'Work', by: 'test' },
      },
      {
        ...{ type: 'agent.started', instance: newInstanceId(), name: 'Demo', version: '1' },
        ...{ agentSession: 'a', loaded: false, accepts: { images: false, load: false } },
      },
      { type: 'turn.started', turn: 1 },
    ])
      this.log.commit((tx) => tx.append(sessionId, body as EventBody));
  }

  boot(): void {
    this.timers = new FakeTimers();
    this.relayIsAway = false;
    const { timers, store } = this;
    const now = () => new Date(this.wallMs);
    this.log = new EventLog(store, { now });
    const watch = new WakeWatch(
      {
        wallMs: () => this.wallMs,
        uptimeMs: () => this.uptimeMs,
        monotonicMs: () => this.uptimeMs,
        awakeMs: () => this.uptimeMs - this.sleptMs,
      },
      (everyMs, look) => {
        const again = (): void => {
          look();
          timers.after(everyMs, again);
        };
        timers.after(everyMs, again);
        return () => {};
      },
    );
    this.sleep = new MachineSleep({
      ...{ log: this.log, store, timers, watch, logger: silentLogger, clock: { now } },
      machine: { uptimeMs: () => this.uptimeMs, sleptMs: () => this.sleptMs },
      grounds: { take: () => {}, why: () => 'because' },
      surfaces: { tell: (name) => void this.told.push(name), unsentBytes: () => 0 },
      relays: {
        sleep: async () => void (this.relayIsAway = true),
        wake: () => void (this.relayIsAway = false),
      },
      lookAnew: async () => {},
    });
    this.sleep.slept.on(({ forMs }) => this.told.push(`slept ${forMs}`));
    watch.start((gap) => this.sleep.seen(gap));
    this.sleep.restore();
  }

  async run(ms: number): Promise<void> {
    for (let rest = ms; rest > 0; rest -= 500) {
      const passed = Math.min(rest, 500);
      this.uptimeMs += passed;
      this.wallMs += passed;
      this.timers.advance(passed);
      for (let n = 0; n < 3; n += 1) await Promise.resolve();
    }
  }
}

test('whatever system, clocks and keeper do: each word of a sleep is ended once, and nothing stays away', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const model = new Model();
      let sleptMs = 0;
      for (const each of steps) {
        if (each.do === 'suspend') void model.sleep.fallAsleep();
        if (each.do === 'resume') model.sleep.woke();
        if (each.do === 'run') await model.run(each.ms);
        if (each.do === 'set') model.wallMs += each.ms;
        if (each.do === 'kill') model.boot();
        if (each.do === 'sleep') {
          model.uptimeMs += each.ms;
          model.wallMs += each.ms;
          model.sleptMs += each.ms;
          sleptMs += each.ms;
        }
      }
      // Within 5 s of the last wake, or 20 s of a word that came to nothing.
      await model.run(21_000);
      const kinds = model.log
        .events(model.id, { limit: 10_000 })
        .map(({ type }) => type)
        .filter((type) => type.startsWith('machine.') || type === 'notice');
      const isWell = kinds.every((kind, n) => {
        if (kind === 'machine.sleeping')
          return kinds[n + 1] !== 'machine.sleeping' && n + 1 < kinds.length;
        // What was not announced can only be told as over; what was called off was announced.
        return kind === 'machine.woke' || kinds[n - 1] === 'machine.sleeping';
      });
      const isAlternating =
        model.told.lastIndexOf('host.sleeping') <= model.told.lastIndexOf('host.woke');
      expect([isWell, isAlternating, model.relayIsAway, model.store.meta('sleep') || '']).toEqual([
        ...[true, true, false, ''],
      ]);
      const has = (what: string): boolean => steps.some((each) => each.do === what);
      // A host that follows takes a clock that was set past the machine's start for a machine started again.
      if (sleptMs === 0 && !(has('kill') && has('set')))
        expect(kinds).not.toContain('machine.woke');
      // A host that ran all the time misses none.
      if (sleptMs > 0 && !has('kill')) expect(kinds).toContain('machine.woke');
    }),
    { numRuns: 500 },
  );
});
