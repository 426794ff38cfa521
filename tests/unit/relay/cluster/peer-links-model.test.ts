import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cases } from '../../../support/cases.ts';
import { idOf, nodesOverMemory, numberOf, type NodeUnderTest } from './peers-under-test.ts';

/** Links are of two; a third node only makes rarer what happens to one. */
const NODES = 2;
const CALM = {
  loss: 0,
  doubling: 0,
  isUnordered: false,
  isDeaf: () => false,
  delayMs: () => 1,
};

/** One thing that happens between some nodes. */
type Act =
  | {
      readonly what: 'say';
      readonly from: number;
      readonly to: number;
      readonly bytes: number;
      readonly times: number;
    }
  | { readonly what: 'wait'; readonly ms: number }
  | { readonly what: 'bus'; readonly node: number; readonly isUp: boolean }
  | { readonly what: 'part'; readonly alone: number }
  | { readonly what: 'deaf'; readonly from: number; readonly to: number; readonly ms: number }
  | { readonly what: 'heal' }
  | { readonly what: 'stop'; readonly ms: number }
  | {
      readonly what: 'weather';
      readonly loss: number;
      readonly doubling: number;
      readonly isUnordered: boolean;
      readonly delayMs: number;
    }
  | { readonly what: 'restart'; readonly node: number; readonly isKilled: boolean };

const who = fc.nat(NODES - 1);
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      what: fc.constant('say' as const),
      from: who,
      to: who,
      bytes: fc.oneof(fc.nat(50), fc.nat(50), fc.constant(1_500_000)),
      times: fc.integer({ min: 1, max: 40 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constant('wait' as const),
      ms: fc.oneof(fc.nat(10), fc.nat(400), fc.nat(8_000), fc.constantFrom(6_100, 7_000, 15_100)),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ what: fc.constant('bus' as const), node: who, isUp: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('part' as const), alone: who }) },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('deaf' as const),
      from: who,
      to: who,
      // Long enough for one of them to give up, or not.
      ms: fc.constantFrom(0, 40, 3_000, 5_900, 6_050, 7_500),
    }),
  },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('heal' as const) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('stop' as const), ms: fc.nat(20_000) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('weather' as const),
      loss: fc.constantFrom(0, 0.02, 0.3, 0.7),
      doubling: fc.constantFrom(0, 0.3),
      isUnordered: fc.boolean(),
      delayMs: fc.constantFrom(0, 3, 60),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('restart' as const),
      node: who,
      isKilled: fc.boolean(),
    }),
  },
);

/** Of what one process says to another: everything between two losses, each with what was said. */
interface Era {
  readonly said: number[];
  isOver: boolean;
}

/** A process: a node from its start to its end. */
interface Process {
  readonly id: number;
  readonly node: NodeUnderTest;
  /** By process that is spoken to. */
  readonly said: Map<number, Era[]>;
  /** By process that is heard: the eras of it, and of ours, that messages came in. */
  readonly heard: Map<number, { era: number | null; said: number[]; isOver: boolean }[]>;
}

/** Runs it all, then gives the net time to come to rest, and says what is wrong. */
function run(acts: readonly Act[], seed: number): string[] {
  let state = seed;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const { clock, net, node } = nodesOverMemory(random);
  const wrong: string[] = [];
  const all: Process[] = [];
  const running: Process[] = [];
  const start = (at: number): void => {
    const one: Process = {
      id: all.length,
      node: node(all.length),
      said: new Map(),
      heard: new Map(),
    };
    one.node.peers.listener = {
      onMessage: (from, message) => hear(one, numberOf(from), message),
      onLost: (lost) => {
        const other = numberOf(lost);
        for (const eras of [one.said.get(other), one.heard.get(other)]) {
          const era = eras?.at(-1);
          if (era !== undefined) era.isOver = true;
        }
      },
    };
    all.push(one);
    running[at] = one;
  };
  const hear = (one: Process, from: number, message: Buffer): void => {
    const [era, n, bytes] = message.toString('latin1', 0, 40).split(' ').map(Number);
    if (era === undefined || n === undefined || message.length !== bytes)
      return void wrong.push(`${one.id} heard nonsense of ${from}`);
    const eras = one.heard.get(from) ?? [];
    one.heard.set(from, eras);
    if (eras.at(-1)?.isOver !== false) eras.push({ era: null, said: [], isOver: false });
    const mine = eras.at(-1);
    if (mine === undefined) return;
    mine.era ??= era;
    if (mine.era !== era)
      wrong.push(`${one.id} heard eras ${mine.era} and ${era} of ${from} in one`);
    if (n !== mine.said.length)
      wrong.push(`${one.id} heard ${n} of ${from} after ${mine.said.length} others`);
    mine.said.push(n);
  };
  const say = (from: Process, to: Process, bytes: number): void => {
    const eras = from.said.get(to.id) ?? [];
    from.said.set(to.id, eras);
    if (eras.at(-1)?.isOver !== false) eras.push({ said: [], isOver: false });
    const era = eras.at(-1);
    if (era === undefined) return;
    const head = `${eras.length - 1} ${era.said.length} `;
    const size = Math.max(bytes, head.length + 9);
    era.said.push(era.said.length);
    const tail = Buffer.alloc(size - head.length, ' ');
    tail.write(`${size} `);
    from.node.peers.send(idOf(to.id), Buffer.from(head), tail);
  };
  for (let n = 0; n < NODES; n += 1) start(n);
  const each = (one: Act): void => {
    switch (one.what) {
      case 'say': {
        const [from, to] = [running[one.from], running[one.to]];
        if (from === undefined || to === undefined || from === to) return;
        const times = one.bytes > 1_000 ? 1 : one.times;
        for (let n = 0; n < times; n += 1) say(from, to, one.bytes);
        return;
      }
      case 'wait':
        return clock.pass(one.ms);
      case 'bus':
        return running[one.node]?.node.bus.setUp(one.isUp);
      case 'part': {
        const others = running.filter((_, n) => n !== one.alone).map(({ node: { bus } }) => bus);
        return net.part(others);
      }
      case 'deaf': {
        const [from, to] = [running[one.from]?.node.bus, running[one.to]?.node.bus];
        net.weather.isDeaf = (a, b) => a === from && b === to;
        if (one.ms === 0) return;
        clock.pass(one.ms);
        net.weather.isDeaf = () => false;
        return;
      }
      case 'heal':
        net.weather.isDeaf = () => false;
        return net.heal();
      case 'stop':
        return clock.jump(one.ms);
      case 'weather':
        Object.assign(net.weather, one, { delayMs: () => 1 + Math.floor(random() * one.delayMs) });
        return;
      case 'restart': {
        const old = running[one.node];
        if (old === undefined) return;
        if (one.isKilled) old.node.bus.setUp(false);
        old.node.peers.close();
        void old.node.bus.close();
        return start(one.node);
      }
    }
  };
  for (const one of acts) each(one);
  net.heal();
  Object.assign(net.weather, CALM);
  for (const one of running) one.node.bus.setUp(true);
  clock.pass(30_000);

  // Whatever was said has been heard, or both sides know that the rest of it never will be.
  for (const from of running)
    for (const to of running) {
      const said = from.said.get(to.id) ?? [];
      const heard = to.heard.get(from.id) ?? [];
      said.forEach((era, n) => {
        const matching = heard.filter((other) => other.era === n);
        const [got] = matching;
        const name = `${from.id} to ${to.id}, era ${n}`;
        if (matching.length > 1) wrong.push(`${name}: heard in two`);
        if (!era.isOver && got?.said.length !== era.said.length)
          wrong.push(`${name}: ${era.said.length} said, ${got?.said.length ?? 0} heard`);
        if (got !== undefined && got.isOver !== era.isOver)
          wrong.push(`${name}: over for ${got.isOver ? 'who hears' : 'who says'} only`);
      });
    }
  // And those who are gone are known to be.
  for (const one of running)
    for (const [other, eras] of [...one.said, ...one.heard])
      if (!running.some(({ id }) => id === other) && eras.at(-1)?.isOver === false)
        wrong.push(`${one.id} does not know that ${other} is gone`);
  for (const one of running) if (one.node.peers.allUnackedBytes > 0) wrong.push(`${one.id} waits`);
  for (const one of running) one.node.peers.close();
  return wrong;
}

test('over any bus each message is heard once and in order, or both sides hear that the link is lost', () => {
  fc.assert(
    fc.property(
      fc.array(act, { minLength: 1, maxLength: 80, size: 'max' }),
      fc.nat(),
      (acts, seed) => {
        expect(run(acts, seed)).toEqual([]);
      },
    ),
    { numRuns: cases(250, 2_500) },
  );
});
