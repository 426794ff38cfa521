import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Emitter } from '../../../../src/base/emitter.ts';
import { RpcFailure } from '../../../../src/protocol/errors.ts';
import type { SessionId } from '../../../../src/protocol/ids.ts';
import {
  MAX_UNACKED_BYTES,
  MAX_UNACKED_EVENTS,
  TAIL_EVENTS,
} from '../../../../src/protocol/limits.ts';
import type { FollowResult } from '../../../../src/protocol/methods.ts';
import type { EventBody, SessionEvent } from '../../../../src/protocol/session/events.ts';
import { reduce } from '../../../../src/protocol/session/reduce.ts';
import type { SessionState } from '../../../../src/protocol/session/state.ts';
import { SessionFeed } from '../../../../src/host/subscriptions/session-feed.ts';
import { UnackedWindow } from '../../../../src/host/subscriptions/unacked-window.ts';
import { arbitraryBodies, createdBody, numbered } from '../../protocol/arbitrary-history.ts';
import { cases } from '../../../support/cases.ts';

const id = 's_aaaaaaaaaaa1' as SessionId;

/** A session's log in memory, for the two ports of a feed. */
class MemoryLog {
  epoch = 'e1';
  readonly all: SessionEvent[] = [];
  reads = 0;
  readonly #heard = new Emitter<readonly SessionEvent[]>();
  #state: SessionState | null = null;

  constructor() {
    this.append([createdBody]);
  }

  append(bodies: readonly EventBody[]): void {
    const events = numbered(bodies, this.all.length + 1);
    this.all.push(...events);
    for (const event of events) this.#state = reduce(this.#state, event);
    if (events.length > 0) this.#heard.emit(events);
  }

  state(session: SessionId): SessionState | null {
    return session === id ? this.#state : null;
  }

  follow(_: SessionId, listener: (events: readonly SessionEvent[]) => void): () => void {
    return this.#heard.on(listener);
  }

  events(
    _: SessionId,
    range: { after?: number; limit: number; maxBytes?: number; newest?: boolean },
  ): SessionEvent[] {
    this.reads += 1;
    const from = this.all.slice(range.after ?? 0);
    const ordered = range.newest === true ? from.toReversed() : from;
    const taken: SessionEvent[] = [];
    let bytes = 0;
    for (const event of ordered.slice(0, range.limit)) {
      bytes += this.bytesOf(event);
      if (taken.length > 0 && bytes > (range.maxBytes ?? Infinity)) break;
      taken.push(event);
    }
    return range.newest === true ? taken.toReversed() : taken;
  }

  bytesOf(event: SessionEvent): number {
    return JSON.stringify(event).length;
  }
}

interface Followed {
  readonly feed: SessionFeed;
  readonly result: FollowResult;
  readonly sent: SessionEvent[][];
  begin(): void;
}

function follow(
  log: MemoryLog,
  at: { epoch?: string; cursor?: number; window?: UnackedWindow } = {},
): Followed {
  const sent: SessionEvent[][] = [];
  let begin = (): void => {};
  const { feed, result } = SessionFeed.open({
    log,
    store: log,
    sessionId: id,
    ...at,
    send: (events) => sent.push([...events]),
    defer: (act) => {
      begin = act;
    },
  });
  return { feed, result, sent, begin: () => begin() };
}

const text = (words: string): EventBody => ({ type: 'agent.text', text: words });
const notice = (words: string): EventBody => ({
  type: 'notice',
  level: 'info',
  text: words,
  by: 'host',
});
const seqs = (events: readonly SessionEvent[]): number[] => events.map(({ seq }) => seq);

test('a first look gives the state and the end of the transcript', () => {
  const log = new MemoryLog();
  log.append(Array.from({ length: TAIL_EVENTS + 500 }, () => notice('x')));
  const { result } = follow(log);
  expect({ ...result, events: seqs(result.events).length }).toEqual({
    epoch: 'e1',
    state: log.state(id),
    events: TAIL_EVENTS,
    continues: false,
    earlier: 501,
  });
});

test('a cursor of this epoch is continued; one too far behind, ahead, or of another epoch starts over', () => {
  const log = new MemoryLog();
  log.append(Array.from({ length: TAIL_EVENTS + 10 }, () => notice('x')));
  const last = log.all.length;
  const continued = (epoch: string, cursor: number): [boolean, number | undefined, number] => {
    const { result } = follow(log, { epoch, cursor });
    return [result.continues, result.events[0]?.seq, result.earlier];
  };
  expect({
    near: continued('e1', last - 3),
    there: continued('e1', last),
    far: continued('e1', last - TAIL_EVENTS - 1),
    ahead: continued('e1', last + 1),
    other: continued('e0', last - 3),
  }).toEqual({
    near: [true, last - 2, last - 3],
    there: [true, undefined, last],
    far: [false, last - TAIL_EVENTS + 1, last - TAIL_EVENTS],
    ahead: [false, last - TAIL_EVENTS + 1, last - TAIL_EVENTS],
    other: [false, last - TAIL_EVENTS + 1, last - TAIL_EVENTS],
  });
});

test('a tail of large events stays within its bytes, and one too large for any message is left to paging', () => {
  const log = new MemoryLog();
  log.append([notice('x'.repeat(600_000)), notice('y'.repeat(600_000))]);
  expect(follow(log).result).toMatchObject({ earlier: 2, continues: false });
  expect(follow(log, { epoch: 'e1', cursor: 1 }).result).toMatchObject({
    earlier: 2,
    continues: false,
  });
  log.append([notice('z'.repeat(5_000_000))]);
  expect(follow(log).result).toMatchObject({ events: [], earlier: 4 });
});

test('nothing is sent before the answer is on its way, and what came meanwhile follows it', () => {
  const log = new MemoryLog();
  const { sent, begin } = follow(log);
  log.append([notice('a')]);
  expect(sent).toEqual([]);
  begin();
  log.append([notice('b')]);
  expect(sent.map(seqs)).toEqual([[2], [3]]);
});

test('a surface that keeps up gets events as they are, without a read of the log', () => {
  const log = new MemoryLog();
  const { feed, sent, begin } = follow(log);
  begin();
  const before = log.reads;
  for (let i = 0; i < 1_000; i += 1) {
    log.append([text('a')]);
    feed.acknowledge(log.all.length);
  }
  expect([sent.flat().length, log.reads - before]).toEqual([1_000, 0]);
});

test('without acknowledgement it stops at the window, and goes on merged from the log', () => {
  const log = new MemoryLog();
  const { feed, sent, begin } = follow(log);
  begin();
  for (let i = 0; i < 2_000; i += 1) log.append([text('a')]);
  expect(sent.flat().length).toBe(MAX_UNACKED_EVENTS);
  sent.length = 0;
  feed.acknowledge(100);
  const merged = sent.flat();
  expect(merged.length).toBeLessThan(50);
  expect(merged[0]).toMatchObject({ from: MAX_UNACKED_EVENTS + 2 });
  expect(merged.at(-1)?.seq).toBe(2_001);
  log.append([notice('live again')]);
  expect(sent.flat().at(-1)).toMatchObject({ seq: 2_002 });
});

test('the window counts bytes, and one event larger than it goes alone', () => {
  const log = new MemoryLog();
  const { feed, sent, begin } = follow(log);
  begin();
  const large = notice('x'.repeat(MAX_UNACKED_BYTES / 2));
  log.append([large, large, large]);
  expect(seqs(sent.flat())).toEqual([2]);
  log.append([notice('y'.repeat(2 * MAX_UNACKED_BYTES)), notice('z')]);
  feed.acknowledge(2);
  feed.acknowledge(3);
  feed.acknowledge(4);
  expect(seqs(sent.flat())).toEqual([2, 3, 4, 5]);
  feed.acknowledge(5);
  expect(seqs(sent.flat())).toEqual([2, 3, 4, 5, 6]);
});

test('all that a surface follows shares one window, and each session gets its turn in it', () => {
  const window = new UnackedWindow();
  const busy = [new MemoryLog(), new MemoryLog(), new MemoryLog()];
  const feeds = busy.map((log) => follow(log, { window }));
  for (const { begin } of feeds) begin();
  const counts = () => feeds.map(({ sent }) => sent.flat().length);
  for (const log of busy) log.append(Array.from({ length: 1_000 }, (_, i) => notice(`${i}`)));
  const [first, second, third] = feeds;
  const stopped = counts();
  first?.feed.acknowledge(65);
  const afterOne = counts();
  first?.feed.acknowledge(129);
  const afterTwo = counts();
  // Whoever leaves gives its place to the others.
  first?.feed.close();
  expect([stopped, afterOne, afterTwo]).toEqual([
    [256, 0, 0],
    [256, 64, 0],
    [256, 64, 64],
  ]);
  expect((second?.sent.flat().length ?? 0) + (third?.sent.flat().length ?? 0)).toBe(256);
  third?.feed.close();
  second?.feed.acknowledge(1e9);
  expect(second?.sent.flat().length).toBeGreaterThan(256);
});

test('after close it is silent, whatever comes', () => {
  const log = new MemoryLog();
  const { feed, sent, begin } = follow(log);
  log.append([text('a')]);
  feed.close();
  begin();
  log.append([text('b')]);
  feed.acknowledge(2);
  expect(sent).toEqual([]);
});

test('acknowledging what was never sent does no harm', () => {
  const log = new MemoryLog();
  const { feed, sent, begin } = follow(log);
  begin();
  for (const seq of [0, -1, 1e9, Number.NaN]) feed.acknowledge(seq);
  log.append([notice('a')]);
  feed.acknowledge(1e9);
  log.append([notice('b')]);
  expect(seqs(sent.flat())).toEqual([2, 3]);
});

test('a session that is not there is refused', () => {
  const needs = {
    log: new MemoryLog(),
    store: new MemoryLog(),
    sessionId: 's_unknown00000' as SessionId,
    send: () => {},
  };
  expect(() => SessionFeed.open(needs)).toThrow(RpcFailure);
});

type Step =
  | { readonly do: 'append'; readonly bodies: EventBody[] }
  | { readonly do: 'begin' | 'drop' | 'restore' }
  | { readonly do: 'ack'; readonly back: number }
  | { readonly do: 'flood'; readonly count: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  arbitraryBodies.map((bodies): Step => ({ do: 'append', bodies })),
  fc.integer({ min: 1, max: 900 }).map((count): Step => ({ do: 'flood', count })),
  fc.constant<Step>({ do: 'begin' }),
  fc.constant<Step>({ do: 'drop' }),
  fc.constant<Step>({ do: 'restore' }),
  fc.nat(100).map((back): Step => ({ do: 'ack', back })),
);

test('over any acks, drops and returns a surface has every event exactly once, in order', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const log = new MemoryLog();
      /** The surface: what it has, in a store that survives its connections. */
      let cursor = 0;
      let epoch: string | undefined;
      let state: SessionState | null = null;
      let followed: Followed | null = null;
      let taken = 0;
      const take = (events: readonly SessionEvent[]): void => {
        for (const event of events) {
          expect(event.from ?? event.seq).toBe(cursor + 1);
          cursor = event.seq;
          if (state !== null) state = reduce(state, event);
        }
      };
      const receive = (): void => {
        for (; followed !== null && taken < followed.sent.length; taken += 1)
          take(followed.sent[taken] ?? []);
      };
      const connect = (): Followed => {
        const next = follow(log, { ...(epoch !== undefined && { epoch }), cursor });
        taken = 0;
        if (next.result.continues) take(next.result.events);
        else {
          epoch = next.result.epoch;
          cursor = next.result.state.lastSeq;
          expect(next.result.events.at(-1)?.seq ?? cursor).toBe(cursor);
        }
        expect(cursor).toBe(next.result.state.lastSeq);
        state = next.result.state;
        return next;
      };
      const run = (todo: Step): void => {
        followed ??= connect();
        if (todo.do === 'append') log.append(todo.bodies);
        if (todo.do === 'flood') log.append(Array.from({ length: todo.count }, () => text('w')));
        if (todo.do === 'begin') followed.begin();
        if (todo.do === 'ack') followed.feed.acknowledge(Math.max(0, cursor - todo.back));
        if (todo.do === 'restore') log.epoch += '+';
        receive();
        if (todo.do === 'drop' || todo.do === 'restore') {
          followed.feed.close();
          followed = null;
        }
      };
      for (const todo of steps) run(todo);
      run({ do: 'begin' });
      for (let i = 0; i < 1_000 && cursor < log.all.length; i += 1) run({ do: 'ack', back: 0 });
      expect([cursor, state]).toEqual([log.all.length, log.state(id)]);
    }),
    { numRuns: cases(80, 300) },
  );
});
