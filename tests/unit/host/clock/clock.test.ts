import { expect, test } from 'vitest';
import { afterAwake } from '../../../../src/host/clock/awake-deadline.ts';
import { lookAnew } from '../../../../src/host/clock/after-sleep.ts';
import { Clock, clockSourcesFor } from '../../../../src/host/clock/clock.ts';
import {
  isWorthALook,
  sleptIn,
  WakeWatch,
  type Gap,
} from '../../../../src/host/clock/wake-watch.ts';
import { DeadlineExceeded } from '../../../../src/base/deadline.ts';
import { silentLogger } from '../../../../src/base/log.ts';
import { FakeTimers } from '../../../fakes/fake-timers.ts';

/** A machine whose clocks a test turns. */
class Machine {
  wall = Date.parse('2026-11-21T12:00:00Z');
  uptime = 5_000;
  monotonic = 300;
  awake = 4_000;
  /** false: no clock of this system tells how long it slept. */
  tellsSleep = false;
  readonly sources = {
    wallMs: () => this.wall,
    uptimeMs: () => this.uptime,
    monotonicMs: () => this.monotonic,
    awakeMs: () => (this.tellsSleep ? this.awake : null),
  };

  runs(ms: number): void {
    this.wall += ms;
    this.uptime += ms;
    this.monotonic += ms;
    this.awake += ms;
  }

  sleeps(ms: number): void {
    this.wall += ms;
    this.uptime += ms;
  }
}

test('what decides an end counts what has passed, sleep included, whatever the clock is set to', () => {
  const machine = new Machine();
  const clock = new Clock(machine.sources);
  const began = clock.steadyMs();
  machine.runs(1_000);
  machine.sleeps(60_000);
  machine.wall += 86_400_000;
  expect(clock.steadyMs() - began).toBe(61_000);
  machine.wall -= 20 * 86_400_000;
  machine.runs(500);
  expect(clock.steadyMs() - began).toBe(61_500);
  expect(clock.wallMs()).toBe(machine.wall);
  machine.uptime -= 10;
  expect(clock.steadyMs() - began).toBe(61_500);
});

test('events follow the wall clock forward, and never go back', () => {
  const machine = new Machine();
  const clock = new Clock(machine.sources);
  const at = () => clock.now().toISOString().slice(8, 23);
  machine.runs(1_000);
  const seen = [at()];
  machine.wall += 3_600_000;
  seen.push(at());
  machine.wall -= 7_200_000;
  seen.push(at());
  machine.runs(2_500);
  seen.push(at(), at());
  machine.sleeps(10_000_000);
  seen.push(at());
  expect(seen).toEqual([
    '21T12:00:01.000',
    '21T13:00:01.000',
    '21T13:00:01.000',
    '21T13:00:03.500',
    '21T13:00:03.500',
    '21T13:46:43.500',
  ]);
});

test('the clocks of this system run', () => {
  for (const platform of ['linux', 'darwin', 'win32'] as const) {
    const clock = new Clock(clockSourcesFor(platform));
    const began = clock.steadyMs();
    expect(Math.abs(began - Date.now())).toBeLessThan(5_000);
    expect(clock.steadyMs()).toBeGreaterThanOrEqual(began);
  }
});

/** What a watch tells of a machine, whose looks are made by hand. */
function watched(machine: Machine) {
  const gaps: Gap[] = [];
  let look = (): void => {};
  let everyMs = 0;
  const watch = new WakeWatch(machine.sources, (delayMs, each) => {
    everyMs = delayMs;
    look = each;
    return () => (look = () => {});
  });
  const stop = watch.start((gap) => gaps.push(gap));
  const after = (act: () => void) => {
    act();
    look();
  };
  return { watch, gaps, stop, after, everyMs };
}

test('a sleep, a stop and a clock that is set are seen within 5 s; a busy machine is none of these', () => {
  const machine = new Machine();
  const { gaps, stop, after, everyMs } = watched(machine);
  expect(everyMs).toBeLessThan(5_000);
  after(() => machine.runs(4_000));
  after(() => machine.runs(13_000));
  expect(gaps).toEqual([]);
  after(() => {
    machine.runs(4_000);
    machine.sleeps(3_600_000);
  });
  after(() => {
    machine.runs(4_000);
    machine.wall -= 3_600_000;
  });
  after(() => machine.runs(4_000));
  expect(gaps).toEqual([
    { awayMs: 3_600_000, clockSetMs: 0, sleptMs: null },
    { awayMs: 0, clockSetMs: -3_600_000, sleptMs: null },
  ]);
  stop();
  after(() => machine.sleeps(3_600_000));
  expect(gaps).toHaveLength(2);
});

test('where the clocks tell a short sleep, it is seen; a process that was stopped is told from one', () => {
  const machine = new Machine();
  machine.tellsSleep = true;
  const { gaps, after, watch } = watched(machine);
  after(() => {
    machine.runs(4_000);
    machine.sleeps(3_000);
  });
  after(() => machine.runs(60_000));
  expect(gaps.map((gap) => [sleptIn(gap), isWorthALook(gap)])).toEqual([
    [3_000, true],
    [0, true],
  ]);
  machine.sleeps(5_000);
  expect([sleptIn(watch.take()), sleptIn(watch.take())]).toEqual([5_000, 0]);
});

test('a deadline that ran while the machine slept gets its whole time again', () => {
  const timers = new FakeTimers();
  let sleptMs = 0;
  let done = 0;
  const steadyMs = () => timers.nowMs() + sleptMs;
  const after = (ms: number, run: () => void) => timers.after(ms, run);
  afterAwake(60_000, () => (done += 1), steadyMs, after);
  timers.advance(50_000);
  sleptMs += 8 * 3_600_000;
  timers.advance(10_000);
  timers.advance(59_000);
  expect(done).toBe(0);
  timers.advance(1_000);
  expect(done).toBe(1);
  const undo = afterAwake(60_000, () => (done += 1), steadyMs, after);
  timers.advance(50_000);
  sleptMs += 3_600_000;
  timers.advance(20_000);
  undo();
  timers.advance(600_000);
  expect([done, timers.pendingMs]).toEqual([1, []]);
});

test('after a sleep all is looked at anew; a keeper that stays silent is taken for dead', async () => {
  const done: string[] = [];
  const note = (what: string) => () => void done.push(what);
  const needs = (list: () => Promise<unknown>) => ({
    logger: silentLogger,
    config: { refresh: note('config') },
    parked: [{ look: note('parked') }],
    pages: [{ probe: note('pages') }],
    keeper: { list, close: note('keeper closed') },
  });
  const gap = { awayMs: 60_000, clockSetMs: 0, sleptMs: null };
  await lookAnew(
    needs(async () => []),
    gap,
  );
  expect(done.splice(0)).toEqual(['config', 'parked', 'pages']);
  const silent = async () => {
    done.push('asked');
    throw new DeadlineExceeded("The keeper's list", 10_000);
  };
  await lookAnew(needs(silent), gap);
  expect(done.splice(0)).toEqual(['config', 'parked', 'pages', 'asked', 'asked', 'keeper closed']);
});
