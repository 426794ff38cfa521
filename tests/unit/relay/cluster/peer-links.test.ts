import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HEAD_BYTES, kinds, writeHead } from '../../../../src/relay/cluster/peer-packet.ts';
import { MAX_UNACKED_BYTES } from '../../../../src/relay/cluster/peers.ts';
import { idOf, nodesOverMemory, subjects, type NodeUnderTest } from './peers-under-test.ts';

const bytes = (text: string): Buffer => Buffer.from(text);

function two() {
  const { clock, net, node } = nodesOverMemory();
  return { clock, net, node, a: node(0), b: node(1) };
}

/** Both know each other, and nothing is on the way. */
function linked() {
  const nodes = two();
  nodes.a.peers.send(idOf(1), bytes('first'));
  nodes.clock.pass(20);
  return nodes;
}

const say = (from: NodeUnderTest, to: number, ...texts: string[]): void => {
  for (const text of texts) from.peers.send(idOf(to), bytes(text));
};

test('what is sent in parts arrives as one message, none and a long one too', () => {
  const { clock, a, b } = two();
  const long: Buffer[] = [];
  const parts = [Buffer.alloc(900_000, 'a'), Buffer.alloc(0), Buffer.alloc(2_200_000, 'b')];
  b.peers.listener.onMessage = (_, message) => void long.push(message);
  a.peers.send(idOf(1), bytes('one '), bytes(''), bytes('message'));
  a.peers.send(idOf(1));
  a.peers.send(idOf(1), ...parts);
  say(a, 1, 'after');
  clock.pass(50);
  const wanted = [bytes('one message'), Buffer.alloc(0), Buffer.concat(parts), bytes('after')];
  expect(long.map((message, n) => message.equals(wanted[n] ?? bytes('?')))).toEqual(
    wanted.map(() => true),
  );
  expect([a.peers.unackedBytes(idOf(1)), a.peers.allUnackedBytes]).toEqual([0, 0]);
});

test('a bus that is away for two seconds costs nothing but the time, whoever it is away for', () => {
  for (const away of [[0], [1], [0, 1]]) {
    const { clock, a, b } = linked();
    const nodes = [a, b];
    say(a, 1, 'on the way');
    say(b, 0, 'on the way');
    clock.pass(0);
    for (const n of away) nodes[n]?.bus.setUp(false);
    for (let n = 0; n < 20; n += 1) {
      say(a, 1, `a${n}`);
      say(b, 0, `b${n}`);
      clock.pass(100);
    }
    for (const n of away) nodes[n]?.bus.setUp(true);
    clock.pass(60);
    const all = (from: number, first: string[], letter: string) =>
      [...first, 'on the way', ...Array.from({ length: 20 }, (_, n) => `${letter}${n}`)].map(
        (text) => `${from}: ${text}`,
      );
    expect([a.heard, b.heard]).toEqual([all(1, [], 'b'), all(0, ['first'], 'a')]);
  }
});

test('a message that is lost with none after it is sent again within a third of a second', () => {
  const { clock, net, a, b } = linked();
  net.weather.loss = 1;
  say(a, 1, 'lost');
  clock.pass(10);
  net.weather.loss = 0;
  clock.pass(320);
  expect(b.heard).toEqual(['0: first', '0: lost']);
});

test('a message lost in a row is sent again as soon as the next one shows it', () => {
  const { clock, net, a, b } = linked();
  net.weather.loss = 1;
  say(a, 1, 'lost');
  clock.pass(2);
  net.weather.loss = 0;
  say(a, 1, 'next');
  clock.pass(5);
  expect(b.heard).toEqual(['0: first', '0: lost', '0: next']);
});

test('a link on which nothing is said lives on, at one packet a second each way', () => {
  const { clock, net, a, b } = linked();
  let published = 0;
  net.onPublish = () => (published += 1);
  clock.pass(600_000);
  expect([published <= 1_200, a.heard, b.heard]).toEqual([true, [], ['0: first']]);
});

test('where no link is, nothing is said', () => {
  const { clock, net } = two();
  let published = 0;
  net.onPublish = () => (published += 1);
  clock.pass(600_000);
  expect(published).toBe(0);
});

test('a node that was killed is lost after six seconds, one that says goodbye at once', () => {
  const { clock, a, b } = linked();
  b.bus.setUp(false);
  clock.pass(4_900);
  expect(a.heard).toEqual([]);
  clock.pass(1_200);
  expect(a.heard).toEqual(['1 lost']);
  const other = linked();
  other.b.peers.close();
  other.clock.pass(2);
  expect([other.a.heard, other.b.heard]).toEqual([['1 lost'], ['0: first']]);
});

test('what was sent right before the goodbye still arrives', () => {
  const { clock, a, b } = linked();
  say(b, 0, 'one', 'two');
  b.peers.close();
  clock.pass(2);
  expect(a.heard).toEqual(['1: one', '1: two', '1 lost']);
});

test('a node that nobody ever was is lost too', () => {
  const { clock, a } = two();
  say(a, 7, 'who is there');
  clock.pass(6_100);
  expect(a.heard).toEqual(['7 lost']);
});

test('while our own bus is away the others are not lost to us until we surely are to them', () => {
  const { clock, a, b } = linked();
  a.bus.setUp(false);
  clock.pass(6_100);
  expect([a.heard, b.heard]).toEqual([[], ['0: first', '0 lost']]);
  clock.pass(8_500);
  expect(a.heard).toEqual([]);
  clock.pass(1_000);
  expect(a.heard).toEqual(['1 lost']);
  a.bus.setUp(true);
  say(a, 1, 'anew');
  say(b, 0, 'anew');
  clock.pass(10);
  expect([a.heard, b.heard]).toEqual([
    ['1 lost', '1: anew'],
    ['0: first', '0 lost', '0: anew'],
  ]);
});

test('who was given up while away hears so as soon as it is back, and what it had to say is void', () => {
  const { clock, a, b } = linked();
  a.bus.setUp(false);
  say(a, 1, 'void');
  clock.pass(7_000);
  a.bus.setUp(true);
  clock.pass(5);
  expect([a.heard, b.heard, a.peers.unackedBytes(idOf(1))]).toEqual([
    ['1 lost'],
    ['0: first', '0 lost'],
    0,
  ]);
});

test('a process that was stopped for a minute takes nobody for lost', () => {
  const { clock, a, b } = linked();
  clock.jump(60_000);
  clock.pass(3_000);
  expect([a.heard, b.heard]).toEqual([[], ['0: first']]);
});

test('a link on which one side hears nothing is lost for both', () => {
  const { clock, net, a, b } = linked();
  net.weather.isDeaf = (_, to) => to === b.bus;
  clock.pass(6_100);
  expect([a.heard, b.heard]).toEqual([['1 lost'], ['0: first', '0 lost']]);
});

test('too much that nobody acknowledges ends the link, after who sends has run, and for both', () => {
  const { clock, a, b } = linked();
  a.bus.setUp(false);
  const mega = Buffer.alloc(1024 * 1024);
  let during = 0;
  for (let n = 0; n < 40; n += 1) {
    a.peers.send(idOf(1), mega);
    during = Math.max(during, a.heard.length, a.peers.unackedBytes(idOf(1)) - MAX_UNACKED_BYTES);
  }
  expect(during).toBe(0);
  clock.pass(0);
  expect([a.heard, a.peers.allUnackedBytes]).toEqual([['1 lost'], 0]);
  a.bus.setUp(true);
  say(a, 1, 'anew');
  clock.pass(20);
  expect(b.heard).toEqual(['0: first', '0 lost', '0: anew']);
});

test('many small messages go out as few, a lone one at once', () => {
  const { clock, net, a, b } = linked();
  const packets: number[] = [];
  net.onPublish = (from) => void (from === a.bus && packets.push(1));
  say(a, 1, 'lone');
  clock.pass(1);
  expect([packets.length, b.heard.at(-1)]).toEqual([1, '0: lone']);
  clock.pass(500);
  packets.length = 0;
  say(a, 1, ...Array.from({ length: 1_000 }, (_, n) => `${'x'.repeat(200)}${n}`));
  clock.pass(1);
  expect([packets.length, b.heard.length]).toEqual([13, 1_002]);
});

test('acknowledgements ride on what goes back, or are one of many', () => {
  const { clock, net, a, b } = linked();
  let [fromA, fromB] = [0, 0];
  net.onPublish = (from) => void (from === a.bus ? (fromA += 1) : (fromB += 1));
  for (let n = 0; n < 640; n += 1) {
    say(a, 1, 'one way');
    clock.pass(0.1);
  }
  clock.pass(10);
  expect({ fromA, fewer: fromB <= 32, left: a.peers.allUnackedBytes }).toEqual({
    fromA: 640,
    fewer: true,
    left: 0,
  });
  [fromA, fromB] = [0, 0];
  b.peers.listener.onMessage = () => say(b, 0, 'answer');
  for (let n = 0; n < 100; n += 1) {
    say(a, 1, 'question');
    clock.pass(4);
  }
  expect({ fromA, fromB }).toEqual({ fromA: 100, fromB: 100 });
});

test('who waits for acknowledgement is called once all is acknowledged, and never after a loss', () => {
  const { clock, a, b } = linked();
  const called: string[] = [];
  a.peers.onceAcked(idOf(1), () => called.push('nothing to wait for'));
  a.peers.onceAcked(idOf(5), () => called.push('nobody to wait for'));
  say(a, 1, 'one');
  a.peers.onceAcked(idOf(1), () => called.push('one'));
  expect(called).toEqual(['nothing to wait for', 'nobody to wait for']);
  clock.pass(10);
  expect(called.at(-1)).toBe('one');
  b.bus.setUp(false);
  say(a, 1, 'two');
  a.peers.onceAcked(idOf(1), () => called.push('two'));
  clock.pass(20_000);
  expect([called.at(-1), a.heard]).toEqual(['one', ['1 lost']]);
});

test('what is in flight is bounded, and goes on as it is acknowledged', () => {
  const { clock, net, a, b } = linked();
  let bytesOnTheWay = 0;
  net.onPublish = (from, _, payload) => void (from === a.bus && (bytesOnTheWay += payload.length));
  net.weather.isDeaf = (_, to) => to === a.bus;
  for (let n = 0; n < 300; n += 1) a.peers.send(idOf(1), Buffer.alloc(100_000));
  clock.pass(50);
  expect(bytesOnTheWay < 5 * 1024 * 1024).toBe(true);
  net.weather.isDeaf = () => false;
  clock.pass(1_000);
  expect([b.heard.length, a.peers.allUnackedBytes]).toEqual([301, 0]);
});

test('a bus that does not get rid of what it has is given no more', () => {
  const { clock, a, b } = linked();
  a.bus.setStalled(true);
  for (let n = 0; n < 100; n += 1)
    for (const to of [1, 2, 3, 4, 5]) a.peers.send(idOf(to), Buffer.alloc(100_000));
  clock.pass(1_000);
  expect(a.bus.unsentBytes < 10 * 1024 * 1024).toBe(true);
  a.bus.setStalled(false);
  clock.pass(1_000);
  expect(b.heard.length).toBe(101);
});

test('late packets of a link that is over are not heard, and do not end the one that is', () => {
  const { clock, net, a, b } = two();
  const late: Uint8Array[] = [];
  net.onPublish = (from, _, payload) => void (from === a.bus && late.push(Buffer.from(payload)));
  say(a, 1, 'early');
  clock.pass(10);
  b.bus.setUp(false);
  clock.pass(6_100);
  b.bus.setUp(true);
  net.onPublish = () => {};
  say(a, 1, 'later');
  clock.pass(10);
  for (const packet of late) net.join().publish(subjects.node(idOf(1)), packet);
  clock.pass(3_000);
  say(a, 1, 'still');
  clock.pass(10);
  expect(b.heard).toEqual(['0: early', '0 lost', '0: later', '0: still']);
  expect(a.heard).toEqual(['1 lost']);
});

test('a new process is another node: the old one is lost, the new one begins at once', () => {
  const { clock, net, node } = nodesOverMemory();
  const [a, b] = [node(0), node(1)];
  say(a, 1, 'to the old');
  clock.pass(10);
  b.bus.setUp(false);
  const c = node(2);
  say(c, 0, 'new');
  clock.pass(7_000);
  expect([a.heard, net.members.size]).toEqual([['2: new', '1 lost'], 3]);
});

test('nonsense on our subject is passed over', () => {
  const { clock, net, a, node } = linked();
  const stranger = net.join();
  const head = fc.record({
    kind: fc.constantFrom(...Object.values(kinds)),
    from: fc.constantFrom(idOf(1), idOf(9), 'not an id of one', '////////////////'),
    session: fc.constantFrom(0, 1, 2, 0xffff_ffff),
    yours: fc.constantFrom(0, 1, 2, 0xffff_ffff),
    number: fc.constantFrom(0, 1, 2, 3, 2 ** 47),
    heardUpTo: fc.constantFrom(0, 1, 2, 2 ** 47),
  });
  const packet = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc.tuple(head, fc.uint8Array({ maxLength: 40 })).map(([one, body]) => {
      const made = Buffer.concat([Buffer.alloc(HEAD_BYTES), body]);
      writeHead(made, one);
      return Uint8Array.from(made);
    }),
  );
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 10 }), (packets) => {
      for (const one of packets) stranger.publish(subjects.node(idOf(0)), one);
      clock.pass(5);
    }),
    { numRuns: 500 },
  );
  const c = node(8);
  say(a, 8, 'are you there');
  say(c, 0, 'I am');
  clock.pass(10);
  expect([c.heard, a.heard.at(-1)]).toEqual([['0: are you there'], '8: I am']);
});
