import { expect, test } from 'vitest';
import { AttentionBench, device } from './attention-bench.ts';

const phone = device(1);
const digest = `digest:${phone}`;

function withPhone(policy: ConstructorParameters<typeof AttentionBench>[0] = {}): AttentionBench {
  const bench = new AttentionBench(policy);
  bench.outlet(phone);
  return bench;
}

const shown = (bench: AttentionBench) =>
  bench.courier.screen(phone).shown.map(({ id, count }) => (count === undefined ? id : count));

test('20 approvals in one moment make one notification that says so', () => {
  const bench = withPhone();
  for (let n = 0; n < 20; n += 1) bench.asks(bench.born(`work ${n}`));
  bench.settle();
  expect([bench.at(phone), bench.courier.screen(phone).shown]).toMatchObject([
    [digest],
    [{ id: digest, count: 20, title: '20 decisions', bare: '20 decisions.', kind: 'decision' }],
  ]);
});

test('20 approvals in 20 seconds: at most two alone, then one notification for all', () => {
  const bench = withPhone();
  const first: string[] = [];
  for (let n = 0; n < 20; n += 1) {
    const id = bench.asks(bench.born());
    if (n < 2) first.push(id);
    bench.pass(1);
  }
  bench.pass(9);
  expect(bench.at(phone)).toEqual([digest]);
  expect(shown(bench)).toEqual([...first, 3, 12, 20]);
});

test('those of one session open that session', () => {
  const bench = withPhone();
  const id = bench.born('Fix it');
  for (let n = 0; n < 3; n += 1) bench.asks(id);
  bench.settle();
  expect(bench.courier.screen(phone).shown).toMatchObject([
    { title: '3 decisions: Fix it', sessionId: id },
  ]);
});

test('a digest says what is left, alone when that is one, and goes with the last', () => {
  const bench = withPhone();
  const id = bench.born();
  const [a, b, c, d] = [bench.asks(id), bench.asks(id), bench.asks(id), bench.asks(id)];
  bench.settle();
  bench.decides(id, a);
  bench.decides(id, b);
  bench.pass(9);
  expect(shown(bench)).toEqual([4]);
  bench.pass(1);
  expect(shown(bench)).toEqual([4, 2]);
  bench.decides(id, c);
  bench.pass(10);
  expect([shown(bench), bench.at(phone)]).toEqual([[4, 2, d], [d]]);
  bench.decides(id, d);
  bench.settle();
  expect(bench.at(phone)).toEqual([]);
});

test('all decided at once, the digest is withdrawn at once', () => {
  const bench = withPhone();
  const id = bench.born();
  const all = [bench.asks(id), bench.asks(id), bench.asks(id)];
  bench.settle();
  for (const each of all) bench.decides(id, each);
  bench.settle();
  expect(bench.at(phone)).toEqual([]);
});

test('what was told as one is repeated as one, louder', () => {
  const bench = withPhone({ repeatSec: 100, repeats: 1 });
  const id = bench.born();
  for (let n = 0; n < 3; n += 1) bench.asks(id);
  bench.pass(1_000);
  expect(bench.courier.screen(phone).shown).toMatchObject([
    { count: 3, loud: false },
    { count: 3, loud: true },
  ]);
});

test('in quiet hours nothing is told but what is excepted; their end tells what still waits as one', () => {
  const bench = withPhone({
    ...{ quietHours: { from: '11:00', to: '13:00' }, quietExcept: ['machine'], digestFrom: 100 },
  });
  const id = bench.born();
  const [a] = [bench.asks(id), bench.asks(id), bench.asks(id)];
  bench.pass(60);
  bench.decides(id, a);
  bench.problems.set('disk', 'The disk is full.');
  bench.pass(3_600 - 61);
  expect([bench.at(phone), bench.attention.now().quietUntil]).toEqual([
    ['problem:disk'],
    new Date(2026, 10, 20, 13, 0).toISOString(),
  ]);
  bench.pass(2);
  expect(bench.at(phone)).toEqual(['problem:disk', digest]);
  expect(shown(bench).at(-1)).toBe(2);
});

test('quiet hours keep nothing from whoever is active', () => {
  const bench = withPhone({ quietHours: { from: '11:00', to: '13:00' } });
  bench.active('window');
  bench.asks(bench.born());
  bench.settle();
  expect(bench.items[0]?.told.map(({ place }) => place)).toEqual(['window']);
  bench.pass(600);
  expect(bench.at(phone)).toEqual([]);
});

test('a problem that is gone in seconds is nothing; one that comes back is not told again at once', () => {
  const bench = withPhone({ repeatSec: 300 });
  bench.problems.set('relay', 'The relay is away.');
  bench.pass(5);
  bench.problems.set('relay', null);
  bench.pass(60);
  expect(shown(bench)).toEqual([]);
  for (let n = 0; n < 5; n += 1) {
    bench.problems.set('relay', 'The relay is away.');
    bench.pass(20);
    bench.problems.set('relay', null);
    bench.pass(20);
  }
  expect([shown(bench), bench.at(phone)]).toEqual([['problem:relay'], []]);
  bench.problems.set('relay', 'The relay is away.');
  bench.pass(300);
  expect(bench.at(phone)).toEqual(['problem:relay']);
});

test('a host that starts again does not say that an old problem is new', () => {
  const bench = withPhone();
  bench.problems.set('disk', 'The disk is full.');
  bench.pass(11);
  bench.seen(['problem:disk']);
  bench.pass(2);
  bench.restart();
  bench.pass(2);
  bench.problems.set('disk', 'The disk is full.');
  bench.pass(600);
  expect([shown(bench), bench.items.map(({ seenAt }) => seenAt !== null)]).toEqual([
    ['problem:disk'],
    [true],
  ]);
});

test('an agent that hangs asks for a person, one that is silent only after long', () => {
  const bench = withPhone();
  const [hung, silent] = [bench.born('hung'), bench.born('silent')];
  const since = bench.now().toISOString();
  const because = 'It does not answer.';
  bench.setPulses([
    { sessionId: hung, pulse: 'hangs', since, heardAt: null, because },
    { sessionId: silent, pulse: 'silent', since, heardAt: null, because },
  ]);
  bench.pass(60);
  expect(bench.items).toMatchObject([
    { id: `pulse:${hung}`, kind: 'machine', title: 'hung', sessionId: hung },
  ]);
  bench.pass(700);
  expect(bench.items.map(({ title }) => title)).toEqual(['hung', 'silent']);
});

test('of 600 sessions that nobody looked at the newest are kept, and a decision is told all the same', () => {
  const bench = withPhone();
  for (let n = 0; n < 600; n += 1) {
    const id = bench.born();
    bench.turn(id);
    bench.ended(id);
    bench.timers.advance(1);
  }
  bench.pass(30);
  const decision = bench.asks(bench.born());
  bench.settle();
  expect([bench.items.length, bench.at(phone), bench.items.at(-1)?.id]).toEqual([
    500,
    [digest, decision],
    decision,
  ]);
  expect(bench.disk.meta.get('attention')?.length).toBeLessThan(500_000);
});
