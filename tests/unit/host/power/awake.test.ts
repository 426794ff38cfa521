import { describe, expect, test } from 'vitest';
import { newCommandId } from '../../../../src/host/ids.ts';
import { PowerBench } from './power-bench.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const prompt = [{ type: 'text', text: 'go' }] as const;

describe('the machine is held awake', () => {
  test('from the commit that begins a turn until a second after its end', async () => {
    const bench = new PowerBench();
    const id = bench.born();
    await bench.pass(5_000);
    expect(bench.holder.held.idle).toBe(false);
    bench.turn(id);
    await bench.settled();
    expect(bench.holder.held).toEqual({ idle: true, lid: false, why: '1 session is working' });
    bench.ended(id);
    await bench.pass(900);
    expect(bench.holder.held.idle).toBe(true);
    await bench.pass(200);
    expect(bench.holder.held.idle).toBe(false);
  });

  test('without a gap when the next prompt follows', async () => {
    const bench = new PowerBench();
    const id = bench.born();
    bench.turn(id);
    await bench.settled();
    bench.holder.told.length = 0;
    bench.ended(id);
    await bench.pass(500);
    bench.turn(id);
    await bench.pass(3_000);
    expect(bench.holder.told).toEqual([]);
  });

  test('told again every 15 s, and of nothing only as often as keeps the holder ready', async () => {
    const bench = new PowerBench();
    const id = bench.born();
    bench.turn(id);
    await bench.settled();
    bench.holder.told.length = 0;
    await bench.pass(60_000);
    expect(bench.holder.told).toEqual(['want idle', 'want idle', 'want idle', 'want idle']);
    bench.ended(id);
    await bench.pass(2_000);
    expect(bench.timers.pendingMs.length).toBe(1);
  });

  test('by prompts that wait, and by a session that the host lets go on later', async () => {
    const bench = new PowerBench();
    const [queued, parked, held] = [bench.born('queued'), bench.born('parked'), bench.born('held')];
    bench.add(queued, {
      type: 'prompt.queued',
      commandId: newCommandId(),
      prompt: [...prompt],
      by: 'x',
    });
    bench.turn(parked);
    bench.ended(parked);
    bench.add(parked, {
      ...{ type: 'session.parked', until: new Date(bench.now().getTime() + HOUR).toISOString() },
      ...{ reason: 'limit', attempt: 1 },
    });
    // Cut short with a queue: what waits is held until a person says so.
    bench.turn(held);
    bench.add(held, {
      type: 'prompt.queued',
      commandId: newCommandId(),
      prompt: [...prompt],
      by: 'x',
    });
    bench.add(held, { type: 'turn.ended', turn: 1, outcome: 'interrupted' });
    // Of one moment, in any order.
    const holds = bench.state.holds.map(({ kind, reason }) => `${reason}: ${kind}`);
    expect(holds.toSorted()).toEqual(['parked: queued', 'queued: queued']);
  });

  test('for a decision as long as the policy waits, and not longer than the approval', async () => {
    const bench = new PowerBench({ waitingMinutes: 60 });
    const [patient, short] = [bench.born('patient'), bench.born('short')];
    for (const id of [patient, short]) bench.turn(id);
    const start = bench.now().getTime();
    const iso = (ms: number) => new Date(start + ms).toISOString();
    bench.asks(patient);
    bench.asks(short, { expiresAt: iso(10 * MINUTE), onExpiry: 'deny' });
    expect(bench.state.holds.map(({ reason, kind, until }) => [reason, kind, until])).toEqual(
      expect.arrayContaining([
        ['patient', 'waiting', iso(HOUR)],
        ['short', 'waiting', iso(10 * MINUTE)],
      ]),
    );
    await bench.pass(11 * MINUTE, 10_000);
    expect(bench.state.holds.map(({ reason }) => reason)).toEqual(['patient']);
    await bench.pass(49 * MINUTE + 2_000, 1_000);
    expect([bench.state.holds, bench.holder.held.idle]).toEqual([[], false]);
  });

  test('again within 2 s where the holder was killed', async () => {
    const bench = new PowerBench();
    bench.turn(bench.born());
    await bench.settled();
    bench.holder.die();
    expect(bench.holder.held.idle).toBe(false);
    await bench.pass(500);
    expect(bench.holder.held.idle).toBe(true);
  });

  test('by a new host as by the one before, which left in the middle', async () => {
    const bench = new PowerBench();
    const id = bench.born();
    bench.turn(id);
    bench.hold({ lid: true, reason: 'demo' });
    await bench.pass(3_000);
    const before = bench.state;
    bench.reboot();
    await bench.settled();
    bench.holder.reached.emit(bench.holder.reading());
    await bench.settled();
    expect(bench.state).toEqual(before);
    expect(bench.holder.held).toEqual({
      ...{ idle: true, lid: true, why: '1 session is working, 1 hold by hand' },
    });
  });

  test('not by a restored copy of the history, for what a person wanted on another day', async () => {
    const bench = new PowerBench();
    bench.hold({ lid: true });
    bench.users.setSleepWhenDone(newCommandId(), true, 'phone');
    bench.epoch = 'e2';
    bench.reboot();
    await bench.settled();
    expect([bench.state.holds, bench.state.sleepWhenDone, bench.holder.held.idle]).toEqual([
      [],
      false,
      false,
    ]);
  });

  test('with the lid closed too where the policy, or a person for a while, says so', async () => {
    const bench = new PowerBench({ keepAwake: 'lid' });
    const id = bench.born();
    bench.turn(id);
    await bench.settled();
    expect(bench.holder.held.lid).toBe(true);
    bench.policy = { ...bench.policy, keepAwake: 'off' };
    bench.awake.look();
    await bench.settled();
    expect([bench.holder.held.idle, bench.state.heldBack.map(({ code }) => code)]).toEqual([
      false,
      ['off'],
    ]);
    bench.hold({ forSec: 60, lid: true });
    await bench.settled();
    expect([bench.holder.held.lid, bench.state.heldBack]).toEqual([true, []]);
    await bench.pass(62_000);
    expect([bench.holder.held.idle, bench.users.all()]).toEqual([false, []]);
  });

  test('no longer than the longest hold, unless a person gave it an end', async () => {
    const bench = new PowerBench({ longestHours: 2 });
    bench.turn(bench.born());
    bench.hold();
    await bench.pass(2 * HOUR + 1_000, 30_000);
    expect([bench.holder.held.idle, bench.state.heldBack.map(({ code }) => code)]).toEqual([
      false,
      ['tooLong'],
    ]);
    bench.hold({ forSec: 3 * 3_600 });
    await bench.settled();
    expect(bench.holder.held.idle).toBe(true);
  });

  test('for as long as was asked, however the clock on the wall is set', async () => {
    const bench = new PowerBench();
    bench.hold({ forSec: 600 });
    await bench.settled();
    bench.wallSetMs -= 5 * HOUR;
    await bench.pass(5 * MINUTE, 5_000);
    expect(bench.holder.held.idle).toBe(true);
    bench.wallSetMs += 10 * HOUR;
    await bench.pass(4 * MINUTE, 5_000);
    expect(bench.holder.held.idle).toBe(true);
    await bench.pass(MINUTE + 2_000, 1_000);
    expect(bench.holder.held.idle).toBe(false);
  });

  test('not while the battery is low, and again on mains', async () => {
    const bench = new PowerBench({ batteryFloor: 20 });
    bench.holder.sensors = { ...bench.holder.sensors, battery: { percent: 40, onMains: false } };
    bench.turn(bench.born());
    await bench.pass(1_000);
    expect(bench.holder.held.idle).toBe(true);
    bench.holder.tellSensors({ battery: { percent: 20, onMains: false } });
    await bench.pass(7_000);
    expect([bench.holder.held.idle, bench.state.heldBack.map(({ text }) => text)]).toEqual([
      false,
      ['The battery is at 20 %: nothing is held at or below 20 %.'],
    ]);
    bench.holder.tellSensors({ battery: { percent: 20, onMains: true } });
    await bench.settled();
    expect(bench.holder.held.idle).toBe(true);
  });

  test('not for a moment where the battery is low already when the holder comes', async () => {
    const bench = new PowerBench({ batteryFloor: 20 });
    bench.holder.sensors = { ...bench.holder.sensors, battery: { percent: 12, onMains: false } };
    bench.turn(bench.born());
    await bench.pass(2_000);
    expect(bench.holder.told).toEqual(['start', 'want nothing']);
  });

  test('and a display beside the lid’s own is told of for as long as it is there', async () => {
    const bench = new PowerBench();
    bench.turn(bench.born());
    await bench.settled();
    const seen: unknown[] = [];
    for (const externalDisplay of [true, false, null]) {
      bench.holder.tellSensors({ externalDisplay });
      await bench.settled();
      seen.push(bench.state.externalDisplay);
    }
    expect(seen).toEqual([true, undefined, undefined]);
  });

  test('not in quiet hours', async () => {
    const bench = new PowerBench({ quietHours: { from: '12:30', to: '13:00' } });
    bench.turn(bench.born());
    await bench.pass(31 * MINUTE, 10_000);
    expect([bench.holder.held.idle, bench.state.heldBack.map(({ code }) => code)]).toEqual([
      false,
      ['quietHours'],
    ]);
    await bench.pass(31 * MINUTE, 10_000);
    expect(bench.holder.held.idle).toBe(true);
  });
});

describe('the holder', () => {
  test('is not started for a policy that is off, and let go after ten minutes of nothing', async () => {
    const bench = new PowerBench({ keepAwake: 'off' });
    const id = bench.born();
    bench.turn(id);
    await bench.pass(2_000);
    expect(bench.holder.told).toEqual([]);
    await bench.awake.refreshed();
    await bench.settled();
    bench.policy = { ...bench.policy, keepAwake: 'idle' };
    bench.awake.look();
    await bench.pass(2_000);
    bench.ended(id);
    bench.add(id, { type: 'session.ended', by: 'test' });
    await bench.pass(9 * MINUTE, 10_000);
    expect(bench.holder.isRunning).toBe(true);
    await bench.pass(2 * MINUTE, 10_000);
    expect(bench.holder.isRunning).toBe(false);
  });

  test('that cannot be started is said, and what it holds is not claimed', async () => {
    const bench = new PowerBench({ keepAwake: 'lid' });
    bench.holder.isBroken = true;
    bench.turn(bench.born());
    await bench.pass(2_000);
    const { idle, reasons, safeToCloseLid } = bench.state;
    expect([idle, reasons.map(({ code }) => code), safeToCloseLid]).toEqual([
      { wanted: true, effective: null, reason: 'it does not start' },
      ['holderAway'],
      false,
    ]);
  });

  test('tells what a person should know, which is over once what is wanted is in effect', async () => {
    const bench = new PowerBench();
    const id = bench.born();
    bench.turn(id);
    await bench.settled();
    bench.holder.notices.emit({ tell: 'problem', message: 'Somebody changed it.' });
    await bench.pass(20_000);
    expect(bench.problems).toEqual(['Somebody changed it.']);
    bench.ended(id);
    await bench.pass(5_000);
    bench.turn(id);
    await bench.settled();
    expect(bench.problems).toEqual(['Somebody changed it.', null]);
  });
});

describe('sleep once all is done', () => {
  test('comes 30 s after the last hold, one time', async () => {
    const bench = new PowerBench();
    const id = bench.born();
    bench.turn(id);
    bench.users.setSleepWhenDone(newCommandId(), true, 'phone');
    await bench.pass(60_000);
    expect([bench.state.sleepWhenDone, bench.state.sleepsAt]).toEqual([true, null]);
    bench.ended(id);
    const at = new Date(bench.now().getTime() + 30_000).toISOString();
    expect(bench.state.sleepsAt).toBe(at);
    await bench.pass(29_000);
    expect(bench.holder.told).not.toContain('sleepNow');
    await bench.pass(2_000);
    expect(bench.holder.told).toContain('sleepNow');
    bench.holder.told.length = 0;
    bench.turn(id);
    bench.ended(id);
    await bench.pass(120_000);
    expect([bench.holder.told.includes('sleepNow'), bench.state.sleepWhenDone]).toEqual([
      false,
      false,
    ]);
  });

  test.each(['a person', 'new work'])('is called off by %s', async (who) => {
    const bench = new PowerBench();
    const id = bench.born();
    bench.users.setSleepWhenDone(newCommandId(), true, 'phone');
    await bench.pass(20_000);
    if (who === 'new work') bench.turn(id);
    else bench.users.setSleepWhenDone(newCommandId(), false, 'phone');
    await bench.pass(60_000);
    expect([bench.holder.told.includes('sleepNow'), bench.state.sleepsAt]).toEqual([false, null]);
  });

  test('outlives the host, and not the machine', async () => {
    const bench = new PowerBench();
    bench.turn(bench.born());
    bench.users.setSleepWhenDone(newCommandId(), true, 'phone');
    bench.reboot();
    expect(bench.state.sleepWhenDone).toBe(true);
    bench.bootedMs = bench.now().getTime() + 1;
    bench.reboot();
    expect(bench.state.sleepWhenDone).toBe(false);
  });
});
