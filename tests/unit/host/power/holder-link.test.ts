import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLogger } from '../../../../src/base/log.ts';
import type { Transport } from '../../../../src/connection/transport.ts';
import { HolderLink } from '../../../../src/host/power/holder-link.ts';
import type { HolderEffects, HolderSensors } from '../../../../src/protocol/holder.ts';
import { FakeTimers } from '../../../fakes/fake-timers.ts';
import { memoryPipe } from '../../../fakes/memory-transport.ts';

const sensors: HolderSensors = {
  ...{ battery: null, heat: null, lidClosed: false, externalDisplay: null },
};
const WANT = { idle: true, lid: true, why: '1 session is working' };
const NOTHING = { idle: false, lid: false, why: '' };

/** The other end of the socket: says what it is asked, as the version that it is. */
class Holder {
  readonly heard: string[] = [];
  readonly version: string;
  isHeld: boolean;
  isMute = false;
  cut: (reason: string) => void = () => {};
  say: (frame: object) => void = () => {};

  constructor(version = '2', isHeld = false) {
    this.version = version;
    this.isHeld = isHeld;
  }

  serve(): Transport {
    const { near, far, cut } = memoryPipe();
    this.cut = cut;
    this.say = (frame) => far.send(JSON.stringify(frame));
    far.start({
      message: (text) => {
        const {
          id,
          do: asked,
          idle,
        } = JSON.parse(text) as {
          id: number;
          do: string;
          idle?: boolean;
        };
        this.heard.push(asked);
        if (this.isMute) return;
        if (idle !== undefined) this.isHeld = idle;
        this.say({ id, ok: this.#answer(asked) });
        if (asked === 'stop') queueMicrotask(() => queueMicrotask(() => this.die()));
      },
      close: () => {},
    });
    return near;
  }

  die(): void {
    if (present === this) present = null;
    this.cut('it ended');
  }

  #answer(asked: string): object {
    const effect = { effective: this.isHeld, reason: null, fix: null };
    const effects: HolderEffects = { idle: effect, lid: { ...effect, setUp: null } };
    const hello = { do: 'hello', protocol: 1, pid: 7, version: this.version, effects, sensors };
    return asked === 'hello' ? hello : { do: asked, effects, sensors };
  }
}

let timers: FakeTimers;
/** Who listens on the socket now. */
let present: Holder | null;
let started: Holder[];
let startsWell: boolean;
let link: HolderLink;
let reached: string[];
beforeEach(() => {
  [timers, present, started, startsWell, reached] = [new FakeTimers(), null, [], true, []];
  link = new HolderLink({
    connect: async () => await Promise.resolve(present?.serve() ?? null),
    run: () => {
      const holder = new Holder();
      started.push(holder);
      if (!startsWell) return { ended: Promise.resolve('exit code 1') };
      present = holder;
      return { ended: new Promise(() => {}) };
    },
    ...{ hostPid: 1, hostVersion: '2', timers, random: () => 0.5, logger: silentLogger },
  });
  link.reached.on((reading) => void reached.push(reading === null ? 'gone' : 'there'));
});
afterEach(() => link.close());

async function pass(ms: number, stepMs = 10): Promise<void> {
  for (let left = ms; left > 0; left -= stepMs) {
    timers.advance(stepMs);
    for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
  }
}

test('is started once, however many ask at once', async () => {
  const asked = [link.want(WANT), link.look(), link.want(WANT)];
  await pass(100);
  await Promise.all(asked);
  expect([started.length, started[0]?.heard]).toEqual([1, ['hello', 'want', 'look', 'want']]);
});

test('one that an earlier host has left is found, and none is started for that', async () => {
  expect(await link.find()).toBe(false);
  present = new Holder('2', true);
  const found = link.find();
  await pass(50);
  expect([await found, started.length, reached]).toEqual([true, 0, ['there']]);
});

test('one that dies while something is wanted is started again at once, then more and more seldom', async () => {
  link.start();
  await pass(100);
  void link.want(WANT);
  await pass(100);
  started[0]?.die();
  await pass(100);
  expect([started.length, reached]).toEqual([2, ['there', 'gone', 'there']]);
  startsWell = false;
  started[1]?.die();
  await pass(60_000, 50);
  const within = started.length;
  expect(within).toBeGreaterThan(4);
  expect(within).toBeLessThan(12);
  expect(link.problem).toMatch(/does not start/u);
  startsWell = true;
  await pass(40_000, 50);
  expect([link.problem, reached.at(-1)]).toEqual([null, 'there']);
});

test('one that dies while nothing is wanted is left so', async () => {
  void link.want(NOTHING);
  await pass(100);
  started[0]?.die();
  await pass(60_000, 100);
  expect(started.length).toBe(1);
});

test('one that does not answer is let go, and what was asked fails with words', async () => {
  link.start();
  await pass(100);
  const [holder] = started;
  if (holder === undefined) throw new Error('not started');
  holder.isMute = true;
  const asked = link.look();
  const failed = expect(asked).rejects.toThrow('look took longer than 35000 ms');
  await pass(36_000, 100);
  await failed;
  expect(reached.slice(0, 2)).toEqual(['there', 'gone']);
});

test('an older one that holds nothing makes room at once', async () => {
  const old = new Holder('1');
  present = old;
  void link.want(WANT);
  await pass(200);
  expect([old.heard, started.length, started[0]?.heard]).toEqual([
    ...[['hello', 'stop'], 1, ['hello', 'want']],
  ]);
});

test('an older one that holds goes on without a gap until nothing is wanted', async () => {
  const old = new Holder('1', true);
  present = old;
  void link.want(WANT);
  await pass(200);
  expect([old.heard, started.length]).toEqual([['hello', 'want'], 0]);
  void link.want(NOTHING);
  await pass(200);
  expect(old.heard).toEqual(['hello', 'want', 'want', 'stop']);
  void link.want(WANT);
  await pass(200);
  expect([started.length, started[0]?.heard]).toEqual([1, ['hello', 'want']]);
});

test('is stopped where it runs, and not started for that', async () => {
  await link.stop();
  expect(started.length).toBe(0);
  link.start();
  await pass(100);
  const stopped = link.stop();
  await pass(100);
  await stopped;
  await pass(60_000, 100);
  expect([started.length, started[0]?.heard]).toEqual([1, ['hello', 'stop']]);
});

test('garbage from it is passed over; a battery that makes no sense is none', async () => {
  const told: object[] = [];
  link.notices.on((notice) => void told.push(notice));
  link.start();
  await pass(100);
  const [holder] = started;
  for (const frame of [
    ...[{}, { id: 'x', ok: {} }, { tell: 'unheard of' }, { tell: 'effects', effects: 7 }],
    { tell: 'sensors', sensors: { ...sensors, battery: { percent: 4_000, onMains: true } } },
  ])
    holder?.say(frame);
  await pass(50);
  expect([told, reached]).toEqual([[{ tell: 'sensors', sensors }], ['there']]);
});
