import { expect, test } from 'vitest';
import { AttentionBench, device } from './attention-bench.ts';

const phone = device(1);

function withPhone(policy: ConstructorParameters<typeof AttentionBench>[0] = {}): AttentionBench {
  const bench = new AttentionBench(policy);
  bench.outlet(phone);
  return bench;
}

test('a host that died before the courier had done it tells the same again, under the same number', () => {
  const bench = withPhone();
  bench.courier.isReady = false;
  const approval = bench.asks(bench.born());
  bench.settle();
  const [before] = bench.courier.waiting;
  bench.restart();
  bench.settle();
  expect(bench.courier.waiting).toEqual([
    { ...before, notice: { ...(before?.do === 'show' && before.notice), again: true } },
  ]);
  expect(before).toMatchObject({ do: 'show', notice: { id: approval } });
});

test('what the courier has done is not told again by another host', () => {
  const bench = withPhone();
  bench.asks(bench.born());
  bench.pass(2);
  bench.restart();
  bench.pass(2);
  expect(bench.courier.calls).toEqual([]);
});

test('a digest that was on its way comes again under its number', () => {
  const bench = withPhone();
  bench.courier.isReady = false;
  for (let n = 0; n < 4; n += 1) bench.asks(bench.born());
  bench.settle();
  const [before] = bench.courier.waiting;
  bench.restart();
  bench.settle();
  expect(bench.courier.waiting).toEqual([
    { ...before, notice: { ...(before?.do === 'show' && before.notice), again: true } },
  ]);
  expect(before).toMatchObject({ notice: { count: 4 } });
});

test('what was decided while no host ran, or withdrawn and not confirmed, is withdrawn by the next', () => {
  const bench = withPhone();
  const id = bench.born();
  const approval = bench.asks(id);
  bench.pass(2);
  bench.courier.isReady = false;
  bench.decides(id, approval);
  bench.settle();
  bench.restart();
  bench.settle();
  expect(bench.courier.waiting).toEqual([
    { do: 'withdraw', place: phone, ids: [approval], badge: 0 },
  ]);
});

test('while a place is away nothing can be taken back there: it is when the place is back', () => {
  const bench = withPhone();
  bench.outlet('desktop');
  const id = bench.born();
  const approval = bench.asks(id);
  bench.pass(31);
  bench.outlets.delete('desktop');
  bench.decides(id, approval);
  bench.pass(2);
  bench.restart();
  bench.pass(2);
  const before = bench.at('desktop');
  bench.outlet('desktop');
  bench.settle();
  expect([before, bench.at('desktop')]).toEqual([[approval], []]);
});

test('a withdrawal that nobody tries any more is made good when the place is back', () => {
  const bench = withPhone();
  const id = bench.born();
  const approval = bench.asks(id);
  bench.pass(2);
  bench.courier.isReady = false;
  bench.decides(id, approval);
  bench.settle();
  bench.outlets.delete(phone);
  for (const call of bench.courier.waiting.splice(0)) bench.courier.carryOut(call, 'givenUp');
  bench.courier.isReady = true;
  bench.courier.outletsChanged.emit();
  bench.pass(2);
  bench.outlet(phone);
  bench.settle();
  expect(bench.at(phone)).toEqual([]);
});

test('the way from place to place goes on where the host before left it', () => {
  const bench = withPhone({ seenSec: 30, repeatSec: 100 });
  bench.outlet('desktop');
  bench.asks(bench.born());
  bench.pass(10);
  bench.restart();
  bench.pass(19);
  expect(bench.at('desktop')).toEqual([]);
  bench.pass(1);
  expect(bench.at('desktop')).toHaveLength(1);
});

test('a clock that was set far ahead, and back, keeps nothing waiting longer than a repetition', () => {
  const bench = withPhone({ seenSec: 30, repeatSec: 100 });
  bench.outlet('desktop');
  bench.wallSetMs += 86_400_000;
  bench.restart();
  bench.asks(bench.born());
  bench.pass(2);
  bench.wallSetMs -= 86_400_000;
  bench.restart();
  bench.pass(100);
  expect(bench.at('desktop')).toHaveLength(1);
});

test('sessions that finished before there was a record of it are not told, approvals that wait are', () => {
  const bench = withPhone();
  const id = bench.born();
  bench.turn(id);
  bench.ended(id);
  const approval = bench.asks(bench.born());
  bench.pass(5);
  bench.disk.meta.delete('attention');
  bench.restart();
  bench.settle();
  expect(bench.courier.calls).toMatchObject([{ do: 'show', notice: { id: approval } }]);
});

test('who has seen something has seen it for the next host too, however soon that comes', () => {
  const bench = new AttentionBench();
  const approval = bench.asks(bench.born());
  bench.settle();
  bench.seen([approval]);
  bench.restart();
  bench.outlet(phone);
  bench.pass(1_000);
  expect([bench.items[0]?.seenAt, bench.at(phone)]).toEqual([expect.any(String), []]);
});

test('a damaged record is none', () => {
  const bench = withPhone();
  const approval = bench.asks(bench.born());
  bench.disk.meta.set('attention', '{"epoch":"epoch","kept":3}');
  bench.restart();
  bench.settle();
  expect(bench.items.map(({ id }) => id)).toEqual([approval]);
});

test('with a full disk a person is told all the same', () => {
  const bench = withPhone();
  bench.isDiskFull = true;
  const approval = bench.asks(bench.born());
  bench.settle();
  expect(bench.at(phone)).toEqual([approval]);
});

test('the record stays small, and what was seen is not told again however much it is', () => {
  const bench = withPhone();
  for (let n = 0; n < 600; n += 1) {
    const id = bench.born();
    bench.turn(id);
    bench.ended(id);
    bench.pass(1);
    bench.seen([`${id}:1:ended`]);
  }
  bench.pass(30);
  expect(bench.disk.meta.get('attention')?.length).toBeLessThan(25_000);
  const told = bench.courier.screen(phone).shown.length;
  bench.restart();
  bench.pass(1_000);
  expect([bench.items, bench.courier.screen(phone).shown.length]).toEqual([[], told]);
});
