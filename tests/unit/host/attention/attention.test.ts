import { expect, test } from 'vitest';
import { AttentionBench, device, NOON } from './attention-bench.ts';

const phone = device(1);
const tablet = device(2);

function withPhone(policy: ConstructorParameters<typeof AttentionBench>[0] = {}): AttentionBench {
  const bench = new AttentionBench(policy);
  bench.outlet(phone);
  return bench;
}

test('an approval reaches the first place in the tick after its commit, whole and with its hash', () => {
  const bench = withPhone();
  const id = bench.born('Fix the tests');
  const approval = bench.asks(id);
  bench.timers.advance(0);
  expect(bench.courier.calls).toEqual([
    {
      ...{ do: 'show', place: phone, badge: 1 },
      notice: {
        ...{ id: approval, kind: 'decision', sessionId: id, approvalId: approval },
        ...{ title: 'Fix the tests', body: 'Asks to run:\nnpm test', hash: 'a'.repeat(64) },
        ...{ bare: 'A session needs a decision.', loud: false },
        ...{ round: NOON / 1_000, at: new Date(NOON).toISOString() },
      },
    },
  ]);
});

test('whoever is active on a surface is told there and nowhere else, until it was not seen for so long', () => {
  const bench = withPhone();
  bench.active('window');
  const approval = bench.asks(bench.born());
  bench.settle();
  expect([bench.at(phone), bench.items[0]?.told]).toEqual([
    [],
    [{ place: 'window', at: new Date(NOON).toISOString(), outcome: 'shown' }],
  ]);
  bench.pass(29);
  expect(bench.at(phone)).toEqual([]);
  bench.pass(1);
  expect(bench.at(phone)).toEqual([approval]);
});

test('a surface that is connected and silent, or was left, is no place to tell anybody', () => {
  const bench = withPhone();
  bench.active('window');
  bench.pass(60);
  bench.asks(bench.born());
  bench.settle();
  expect(bench.at(phone)).toHaveLength(1);
});

test('it is told elsewhere at once when the person leaves the surface that it was shown on', () => {
  const bench = withPhone();
  bench.active('window');
  const approval = bench.asks(bench.born());
  bench.pass(3);
  bench.active('window', false);
  bench.settle();
  expect(bench.at(phone)).toEqual([approval]);
});

test('two windows are two: one that is left says nothing of the other', () => {
  const bench = withPhone();
  const [one, other] = ['window', 'window'].map((surface) => ({
    ...{ surface, role: 'operator' as const, device: null },
  }));
  if (one !== undefined) bench.activity.heard(one, true);
  if (other !== undefined) bench.activity.heard(other, true);
  bench.asks(bench.born());
  bench.settle();
  if (one !== undefined) bench.activity.gone(one);
  bench.pass(5);
  expect(bench.at(phone)).toEqual([]);
});

test('from place to place: devices by who was active last, then desktop, ntfy and webhook', () => {
  const bench = new AttentionBench({ seenSec: 10 });
  for (const place of ['webhook', 'ntfy', 'desktop', phone, tablet]) bench.outlet(place);
  bench.active(phone);
  bench.pass(5);
  bench.active(tablet);
  bench.pass(61);
  bench.asks(bench.born());
  bench.pass(100);
  const told = bench.courier.calls.map(({ place }) => place);
  expect(told).toEqual([tablet, phone, 'desktop', 'ntfy', 'webhook']);
});

test('once every place was told it is repeated at all of them, louder, so often, and then no more', () => {
  const bench = new AttentionBench({ seenSec: 30, repeatSec: 100, repeats: 2 });
  bench.outlet(phone);
  bench.outlet('desktop');
  bench.asks(bench.born());
  bench.pass(2_000);
  const started = NOON / 1_000;
  const calls = bench.courier.calls.map((call) =>
    call.do === 'show'
      ? [call.place, Date.parse(call.notice.at) / 1_000 - started, call.notice.loud]
      : call,
  );
  expect(calls).toEqual([
    [phone, 0, false],
    ['desktop', 30, false],
    [phone, 130, true],
    ['desktop', 130, true],
    [phone, 230, true],
    ['desktop', 230, true],
  ]);
});

test('each telling has a number above the last, whatever the clock was set to', () => {
  const bench = withPhone({ repeatSec: 30, repeats: 3 });
  bench.asks(bench.born());
  bench.pass(40);
  bench.wallSetMs -= 86_400_000;
  bench.restart();
  bench.pass(40);
  const rounds = bench.courier.screen(phone).shown.map(({ round }) => round);
  expect(rounds.length).toBeGreaterThan(1);
  expect(rounds).toEqual([...new Set(rounds)].toSorted((a, b) => a - b));
});

test('once decided, every notification of it is withdrawn, and nothing more is told', () => {
  const bench = new AttentionBench({ seenSec: 5 });
  for (const place of [phone, tablet, 'desktop', 'ntfy']) bench.outlet(place);
  const id = bench.born();
  const approval = bench.asks(id);
  bench.pass(12);
  bench.decides(id, approval);
  bench.settle();
  expect([
    bench.items,
    ...[phone, tablet, 'desktop', 'ntfy'].map((each) => bench.at(each)),
  ]).toEqual([[], [], [], [], []]);
  const count = bench.courier.calls.length;
  bench.pass(5_000);
  expect(bench.courier.calls.length).toBe(count);
});

test('what rules decide in the same transaction, or somebody in the same moment, is not told at all', () => {
  const bench = withPhone();
  const id = bench.born();
  const approval = bench.approval(id);
  const decided = { ...{ type: 'approval.decided', approvalId: approval.id, by: 'host' } };
  bench.add(id, { type: 'approval.opened', approval }, {
    ...{ ...decided, optionId: 'a', allowed: true },
  } as Parameters<typeof bench.add>[1]);
  bench.decides(id, bench.asks(id));
  bench.pass(1_000);
  expect(bench.courier.calls).toEqual([]);
});

test('seen by one who may act on it, it stays on the list, and is told nowhere any more', () => {
  const bench = withPhone();
  const approval = bench.asks(bench.born());
  bench.pass(3);
  bench.seen([approval]);
  bench.pass(5_000);
  expect([bench.at(phone), bench.items.map(({ seenAt }) => seenAt), bench.courier.calls]).toEqual([
    [],
    [new Date(NOON + 3_000).toISOString()],
    [
      expect.objectContaining({ do: 'show', badge: 1 }),
      // It still waits for a decision.
      { do: 'withdraw', place: phone, ids: [approval], badge: 1 },
    ],
  ]);
});

test('what a viewer has seen ends at the device of the viewer only', () => {
  const bench = withPhone();
  bench.outlet(tablet, { role: 'viewer' });
  const id = bench.born();
  bench.turn(id);
  bench.ended(id);
  bench.settle();
  const told = [bench.at(phone), bench.at(tablet)];
  const [item] = bench.items;
  bench.seen([item?.id ?? ''], tablet, 'viewer');
  bench.pass(400);
  expect([told, bench.at(phone), bench.at(tablet)]).toEqual([
    [[item?.id], [item?.id]],
    [item?.id],
    [],
  ]);
  expect(bench.courier.calls.filter(({ place }) => place === tablet)).toHaveLength(2);
});

test('a viewer is not asked to decide, and an approver not to change a mode', () => {
  const bench = new AttentionBench();
  bench.outlet(phone, { role: 'viewer' });
  bench.outlet(tablet, { role: 'approver' });
  const id = bench.born();
  const plain = bench.asks(id);
  bench.asks(id, { kind: 'switch_mode', decider: { role: 'operator', fresh: false } });
  bench.pass(5_000);
  expect([bench.at(phone), bench.at(tablet)]).toEqual([[], [plain]]);
});

test('a viewer who is active keeps nobody else from being told', () => {
  const bench = withPhone();
  bench.active(tablet, true, 'viewer');
  const approval = bench.asks(bench.born());
  bench.settle();
  expect(bench.at(phone)).toEqual([approval]);
});

test('what has finished ends when it was seen, and does not come back with another host', () => {
  const bench = withPhone();
  const id = bench.born();
  bench.turn(id);
  bench.pass(120);
  bench.ended(id);
  bench.settle();
  const [item] = bench.items;
  expect(item).toMatchObject({
    id: `${id}:1:ended`,
    kind: 'finished',
    text: 'It is done, after 2 min.',
  });
  bench.attention.seen([], id, { place: 'window', role: 'operator' });
  bench.pass(2);
  bench.restart();
  bench.pass(5_000);
  expect([bench.items, bench.at(phone), bench.courier.calls]).toEqual([[], [], []]);
});

test('a prompt ends what was told of the turn before', () => {
  const bench = withPhone();
  const id = bench.born();
  bench.turn(id);
  bench.ended(id);
  bench.settle();
  bench.turn(id);
  bench.settle();
  expect([bench.items, bench.at(phone)]).toEqual([[], []]);
});

test.each<[string, Parameters<AttentionBench['ended']>[1], string]>([
  ['cancelled by a person', 'cancelled', ''],
  ['failed', 'failed', 'failed'],
  ['cut short', 'interrupted', 'failed'],
  ['refused by the model', 'refused', 'failed'],
])('a turn that was %s (%s) is told as %j', (_, outcome, kind) => {
  const bench = withPhone();
  const id = bench.born();
  bench.turn(id);
  bench.ended(id, outcome);
  bench.settle();
  expect(bench.items.map((item) => item.kind).join()).toBe(kind);
});

test('a turn that was put aside is told as such, one that goes on in seconds not at all', () => {
  const bench = withPhone();
  const [aside, soon, later] = [bench.born('aside'), bench.born('soon'), bench.born('later')];
  for (const id of [aside, soon, later]) bench.turn(id);
  bench.ended(aside, 'interrupted', { kind: 'other', message: 'Nobody decided in time.' });
  const park = (id: typeof aside, seconds: number): void => {
    const until = new Date(NOON + seconds * 1_000).toISOString();
    bench.ended(id, 'failed');
    bench.add(id, { type: 'session.parked', until, reason: 'The limit is reached.', attempt: 1 });
  };
  park(soon, 5);
  park(later, 3_600);
  bench.settle();
  expect(bench.items.map(({ kind, title, text }) => [kind, title, text])).toEqual([
    ['parked', 'aside', 'Nobody decided in time.'],
    ['parked', 'later', 'It goes on at 13:00. The limit is reached.'],
  ]);
});

test('nothing is finished while a prompt waits in the queue', () => {
  const bench = withPhone();
  const id = bench.born();
  bench.turn(id);
  bench.add(id, {
    ...{ type: 'prompt.queued', commandId: '019aa000-0000-7000-8000-000000000001' },
    ...{ prompt: [{ type: 'text', text: 'next' }], by: 'test' },
  } as Parameters<typeof bench.add>[1]);
  bench.ended(id);
  bench.settle();
  expect(bench.items).toEqual([]);
});

test('a place that cannot be reached does not keep the next one waiting', () => {
  const bench = new AttentionBench();
  bench.outlet(phone);
  bench.outlet('desktop');
  bench.courier.isReady = false;
  const approval = bench.asks(bench.born());
  bench.settle();
  const [first] = bench.courier.waiting.splice(0);
  if (first !== undefined) bench.courier.carryOut(first, 'givenUp');
  bench.settle();
  expect(bench.courier.waiting).toEqual([
    expect.objectContaining({
      place: 'desktop',
      notice: expect.objectContaining({ id: approval }),
    }),
  ]);
});

test('what nobody could be told of is told as soon as there is a place', () => {
  const bench = new AttentionBench();
  const approval = bench.asks(bench.born());
  bench.pass(10_000);
  bench.outlet(phone);
  bench.settle();
  expect(bench.at(phone)).toEqual([approval]);
});

test('a place that comes when all repetitions are over is told once, and the others no more', () => {
  const bench = withPhone({ repeats: 1, repeatSec: 60, seenSec: 30 });
  bench.asks(bench.born());
  bench.pass(600);
  const before = bench.courier.calls.length;
  bench.outlet(device(2));
  bench.pass(600);
  expect(bench.courier.calls.slice(before)).toMatchObject([
    { do: 'show', place: device(2), notice: { loud: false } },
  ]);
});

test('what never arrived anywhere is tried again beyond the last repetition', () => {
  const bench = withPhone({ repeats: 0, repeatSec: 60, seenSec: 30 });
  bench.courier.isReady = false;
  bench.asks(bench.born());
  for (let minute = 0; minute < 5; minute += 1) {
    for (const each of bench.courier.waiting.splice(0)) bench.courier.carryOut(each, 'givenUp');
    bench.pass(60);
  }
  bench.courier.isReady = true;
  bench.pass(60);
  expect(bench.at(phone)).toHaveLength(1);
});

test('switches hold back a kind everywhere, or at one device', () => {
  const off = withPhone({ kinds: { ...new AttentionBench().policy.kinds, decision: false } });
  off.outlet(tablet);
  off.asks(off.born());
  off.pass(1_000);
  const one = new AttentionBench();
  one.outlet(phone, { kinds: new Set(['finished']) });
  one.outlet(tablet);
  one.asks(one.born());
  one.pass(10);
  expect([off.items, off.at(phone), one.at(phone), one.at(tablet).length]).toEqual([[], [], [], 1]);
});

test('a kind that is switched off is taken back, and told again when it is on', () => {
  const bench = withPhone({ repeatSec: 60 });
  const approval = bench.asks(bench.born());
  bench.settle();
  const { kinds } = bench.policy;
  bench.policy = { ...bench.policy, kinds: { ...kinds, decision: false } };
  bench.attention.look();
  const off = bench.at(phone);
  bench.policy = { ...bench.policy, kinds };
  bench.attention.look();
  bench.pass(60);
  expect([off, bench.at(phone)]).toEqual([[], [approval]]);
});

test('the desktop is left alone where the policy says so', () => {
  const bench = new AttentionBench({ desktop: false });
  bench.outlet('desktop');
  bench.outlet('ntfy');
  bench.asks(bench.born());
  bench.pass(1_000);
  expect([bench.at('desktop').length, bench.at('ntfy').length]).toEqual([0, 1]);
});

test('a restored copy of the history starts over', () => {
  const bench = withPhone();
  const id = bench.born();
  bench.turn(id);
  bench.ended(id);
  const approval = bench.asks(bench.born());
  bench.settle();
  bench.epoch = 'another';
  bench.pass(5);
  bench.restart();
  bench.settle();
  expect(bench.items.map((item) => item.id)).toEqual([approval]);
  expect(bench.courier.calls).toMatchObject([{ do: 'show', notice: { id: approval } }]);
});
