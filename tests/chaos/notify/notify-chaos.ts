import { DEFAULT_NOTIFY_POLICY, type NotifyPolicy } from '../../../src/protocol/attention.ts';
import { NotifyWorld } from './notify-world.ts';
import type { PushDevice } from './push-device.ts';
import { Random } from './random.ts';
import { Rules } from './rules.ts';

export interface NotifyOptions {
  readonly events: number;
  readonly seed: number;
  say(line: string): void;
}

export interface NotifyResult {
  readonly events: number;
  readonly tookMs: number;
  readonly virtualMs: number;
  readonly counts: ReadonlyMap<string, number>;
  readonly faults: ReadonlyMap<string, number>;
  readonly lost: readonly string[];
  readonly twice: readonly string[];
  readonly asking: readonly string[];
  readonly wrong: readonly string[];
}

const STORM = { least: 30, more: 50 };
const MAX_SESSIONS = 25;
const MAX_ASKING = 60;
const SAY_EVERY_MS = 15_000;
const MAX_WRONG = 20;

const EVENTS = {
  ask: 30,
  burst: 1,
  decide: 22,
  begin: 8,
  end: 6,
  see: 6,
  come: 4,
  leave: 3,
  turnOff: 3,
  turnOn: 3,
  cutLink: 2,
  mendLink: 3,
  unsubscribe: 1.5,
  subscribe: 3,
  kill: 2,
  stop: 1,
  policy: 0.5,
} as const;
type EventName = keyof typeof EVENTS;

/** Storms in which anything may happen at any time, each with a calm after it in which all is counted. */
export async function notifyChaos({ events, seed, say }: NotifyOptions): Promise<NotifyResult> {
  const random = new Random(seed);
  const world = await NotifyWorld.make(random);
  const rules = new Rules(world);
  const counts = new Map<string, number>();
  const beganAt = performance.now();
  const virtualFrom = world.time.nowMs;
  let saidAt = beganAt;
  let done = 0;
  try {
    while (done < events && rules.broken < MAX_WRONG) {
      world.weather.bad = random.oneOf([0, 0.1, 0.3, 0.6, 0.95]) ?? 0;
      world.setPolicy(policyOf(random));
      const length = Math.min(events - done, STORM.least + random.below(STORM.more));
      for (let left = length; left > 0; left -= 1) {
        const name = random.drawn(EVENTS);
        if (!(await happens(name, world, random))) continue;
        counts.set(name, (counts.get(name) ?? 0) + 1);
        done += 1;
        await pause(world, random);
      }
      await calm(world);
      rules.look(done);
      await clearUp(world, random);
      if (performance.now() - saidAt < SAY_EVERY_MS) continue;
      saidAt = performance.now();
      say(`${done} events, ${world.lives} hosts, ${rules.broken} wrong`);
    }
    const tookMs = performance.now() - beganAt;
    const virtualMs = world.time.nowMs - virtualFrom;
    for (const [name, value] of rules.counts()) counts.set(name, value);
    const { lost, twice, asking, wrong } = rules;
    const { faults } = world.weather;
    return { events: done, tookMs, virtualMs, counts, faults, lost, twice, asking, wrong };
  } finally {
    await world.close();
  }
}

function policyOf(random: Random): NotifyPolicy {
  return {
    ...DEFAULT_NOTIFY_POLICY,
    seenSec: random.oneOf([5, 30, 60]) ?? 30,
    repeatSec: random.oneOf([60, 300]) ?? 300,
    repeats: random.oneOf([1, 2, 3]) ?? 3,
    digestFrom: random.oneOf([2, 3, 5]) ?? 3,
    digestSec: random.oneOf([5, 10, 30]) ?? 10,
    ...(random.is(0.2) && {
      quietHours: { from: '00:00', to: '23:59' },
      quietExcept: ['decision'],
    }),
  };
}

/** Some happen at once after one another, while what the one before set off is on its way. */
async function pause(world: NotifyWorld, random: Random): Promise<void> {
  const ms = random.drawn({ 0: 5, 1: 2, 10: 2, 1000: 3, 8000: 4, 40000: 3, 400000: 1 });
  if (ms === '0') {
    for (let turn = random.below(4); turn > 0; turn -= 1)
      await new Promise((resolve) => setImmediate(resolve));
  } else await world.pass(Number(ms) * (0.5 + random.next()));
}

/** False: it cannot happen now. */
async function happens(name: EventName, world: NotifyWorld, random: Random): Promise<boolean> {
  const { ledger, devices, working, idle } = world;
  const device = random.oneOf(devices);
  const asking = ledger.asking;
  if (device === undefined) return false;
  switch (name) {
    case 'ask':
    case 'burst': {
      if (asking.length > MAX_ASKING) return false;
      const some = name === 'ask' ? 1 : 5 + random.below(20);
      for (let left = some; left > 0; left -= 1) {
        if (working.length === 0) await happens('begin', world, random);
        const session = random.oneOf(working);
        if (session !== undefined) world.ask(session);
      }
      return true;
    }
    case 'decide': {
      const asked = random.oneOf(asking.filter(({ approvalId }) => approvalId !== null));
      if (asked === undefined) return false;
      world.decide(asked);
      return true;
    }
    case 'begin': {
      if (idle.length === 0) {
        if (working.length >= MAX_SESSIONS) return false;
        world.born();
      }
      const session = random.oneOf(idle);
      if (session !== undefined) world.begin(session);
      return true;
    }
    case 'end': {
      const session = random.oneOf(working);
      if (session === undefined) return false;
      world.end(session);
      return true;
    }
    case 'see':
      return sees(world, random, device);
    case 'come':
    case 'leave': {
      const at = random.is(0.5) ? 'window' : device;
      if (at !== 'window' && !at.hasLink) return false;
      world.active(at, name === 'come');
      return true;
    }
    case 'turnOff':
    case 'turnOn':
      if (device.isOn === (name === 'turnOn')) return false;
      device.turn(name === 'turnOn');
      return true;
    case 'cutLink':
      if (!device.hasLink) return false;
      world.cutLink(device);
      return true;
    case 'mendLink':
      if (device.hasLink) return false;
      device.hasLink = true;
      return true;
    case 'unsubscribe':
      // What waits at a push service for a device that is off is lost with the subscription: nobody is
      // told of that, so nobody can mend it.
      if (device.subscription === null || !device.isOn) return false;
      world.unsubscribe(device);
      return true;
    case 'subscribe':
      if (device.isTold || !device.hasLink || !device.isOn) return false;
      await world.subscribe(device);
      return true;
    case 'kill':
    case 'stop':
      await world.restart(name === 'kill' ? 'killed' : 'stopped', random.below(60_000));
      return true;
    default:
      world.setPolicy(policyOf(random));
      return true;
  }
}

function sees(world: NotifyWorld, random: Random, device: PushDevice): boolean {
  const by = random.is(0.5) ? 'window' : device;
  if (by !== 'window' && !by.hasLink) return false;
  const ids = world.ledger.asking.filter(() => random.is(0.2)).map(({ id }) => id);
  if (ids.length === 0) return false;
  world.see(ids, by);
  return true;
}

/** Everything works and nobody does anything, until all is said. */
async function calm(world: NotifyWorld): Promise<void> {
  world.weather.bad = 0;
  for (const device of world.devices) {
    device.hasLink = true;
    device.turn(true);
    if (!device.isTold) await world.subscribe(device);
    world.active(device, false);
  }
  world.active('window', false);
  const policy = { ...DEFAULT_NOTIFY_POLICY, seenSec: 30, repeatSec: 60, repeats: 3 };
  world.setPolicy(policy);
  await world.pass(SETTLED_AFTER_MS);
}

/** The longest that was asked for, by a policy or a Retry-After, and the laps of a calm itself. */
const SETTLED_AFTER_MS = 20 * 60_000;

async function clearUp(world: NotifyWorld, random: Random): Promise<void> {
  const all = random.is(0.5);
  for (const asked of world.ledger.asking) {
    if (!all && random.is(0.5)) continue;
    if (asked.approvalId === null) world.see([asked.id], 'window');
    else world.decide(asked);
  }
}
