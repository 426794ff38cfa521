import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../src/host/event-log/store.ts';
import type { InstanceId, SessionId } from '../../src/protocol/ids.ts';
import type { EventBody, SessionEvent } from '../../src/protocol/session/events.ts';

// Ids of tests; the schemas that brand them are at the program's edges.
export const sessionA = 's_aaaaaaaaaaa1' as SessionId;
export const sessionB = 's_bbbbbbbbbbb2' as SessionId;
const instance = 'i_aaaaaaaaaaa1' as InstanceId;
const at = '2026-01-01T00:00:00.000Z';

export function text(words: string): EventBody {
  return { type: 'agent.text', text: words };
}

export function appendAll(
  store: Store,
  id: SessionId,
  bodies: readonly EventBody[],
): SessionEvent[] {
  return store.commit((writer) => {
    writer.createSession(id);
    return bodies.map((body) => writer.append(id, body, at));
  });
}

function seqs(events: readonly SessionEvent[]): number[] {
  return events.map(({ seq }) => seq);
}

/** What every {@link Store} does. `reopen` closes it and opens what it has written. */
export function storeContract(open: () => { store: Store; reopen(): Store; end(): void }): void {
  describe('a store', () => {
    let store: Store;
    let reopen: () => Store;
    let end: () => void;
    beforeEach(() => {
      const opened = open();
      store = opened.store;
      reopen = () => (store = opened.reopen());
      end = opened.end;
    });
    afterEach(() => end());

    test('numbers the events of each session from 1 and gives them back after reopening', () => {
      const a = appendAll(store, sessionA, [text('one'), text('zwei: ü 🚪')]);
      const b = appendAll(store, sessionB, [text('other')]);
      const more = appendAll(store, sessionA, [text('three')]);
      expect([seqs(a), seqs(b), seqs(more)]).toEqual([[1, 2], [1], [3]]);
      const again = reopen();
      expect(again.events(sessionA, { limit: 10 })).toEqual([...a, ...more]);
      expect(seqs(appendAll(again, sessionA, [text('four')]))).toEqual([4]);
      expect(again.sessions().map(({ id, lastSeq }) => [id, lastSeq])).toEqual([
        [sessionA, 4],
        [sessionB, 1],
      ]);
    });

    test('reads ranges from either end, and never a neighbour', () => {
      appendAll(
        store,
        sessionA,
        Array.from({ length: 10 }, (_, i) => text(String(i))),
      );
      appendAll(store, sessionB, [text('b')]);
      const read = (range: Parameters<Store['events']>[1]): number[] =>
        seqs(store.events(sessionA, range));
      expect({
        all: read({ limit: 100 }),
        after: read({ after: 7, limit: 100 }),
        before: read({ before: 3, limit: 100 }),
        between: read({ after: 2, before: 6, limit: 2 }),
        newest: read({ limit: 3, newest: true }),
        older: read({ before: 8, limit: 2, newest: true }),
        beyond: read({ after: 10, limit: 5 }),
        wayBeyond: read({ after: 1e12, before: 1e15, limit: 5 }),
        negative: read({ after: -5, limit: 1 }),
        none: read({ limit: 0 }),
      }).toEqual({
        all: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
        after: [8, 9, 10],
        before: [1, 2],
        between: [3, 4],
        newest: [8, 9, 10],
        older: [6, 7],
        beyond: [],
        wayBeyond: [],
        negative: [1],
        none: [],
      });
      expect(store.events('s_unknown00000' as SessionId, { limit: 5 })).toEqual([]);
    });

    test('reads as many as the bytes allow, and one at least', () => {
      appendAll(
        store,
        sessionA,
        Array.from({ length: 10 }, () => text('x'.repeat(1_000))),
      );
      const read = (range: Parameters<Store['events']>[1]): number[] =>
        seqs(store.events(sessionA, range));
      expect(read({ limit: 10, maxBytes: 3_500 })).toEqual([1, 2, 3]);
      expect(read({ limit: 10, maxBytes: 3_500, newest: true })).toEqual([8, 9, 10]);
      expect(read({ after: 4, limit: 10, maxBytes: 1 })).toEqual([5]);
    });

    test('keeps nothing of a commit that throws, and numbers on as if it had not been', () => {
      appendAll(store, sessionA, [text('one')]);
      expect(() =>
        store.commit((writer) => {
          writer.createSession(sessionB);
          writer.append(sessionA, text('lost'), at);
          writer.append(sessionB, text('lost'), at);
          writer.putMeta('k', 'lost');
          throw new Error('no');
        }),
      ).toThrow('no');
      expect(store.sessions().map(({ id }) => id)).toEqual([sessionA]);
      expect(store.meta('k')).toBeNull();
      expect(seqs(appendAll(store, sessionB, [text('b')]))).toEqual([1]);
      expect(store.events(sessionA, { limit: 9 })).toHaveLength(1);
      expect(seqs(appendAll(store, sessionA, [text('two')]))).toEqual([2]);
    });

    test('refuses a commit inside a commit, asynchronous work, a stale writer, an unknown session', () => {
      expect(() => store.commit(() => store.commit(() => 1))).toThrow('commit inside a commit');
      expect(() => store.commit(async () => 1)).toThrow('must not be asynchronous');
      const kept = store.commit((writer) => writer);
      expect(() => kept.putMeta('a', 'b')).toThrow('only inside its commit');
      expect(() => store.commit((writer) => writer.append(sessionA, text('x'), at))).toThrow(
        'There is no session',
      );
      expect(store.commit(() => 'still fine')).toBe('still fine');
    });

    test('keeps an agent process, its numbered lines and its open requests', () => {
      store.commit((writer) => {
        writer.putInstance({ instance, agent: 'demo', shareKey: 'k', memo: { a: 1 } });
        expect([writer.putOutbox(instance, 'one'), writer.putOutbox(instance, 'two')]).toEqual([
          1, 2,
        ]);
        writer.setSpoolOffset(instance, 7);
        writer.setMemo(instance, { a: 2 });
        writer.replaceOutbox(instance, 2, 'zwei');
        writer.putPending({
          instance,
          direction: 'in',
          rpcId: '2',
          sessionId: sessionA,
          kind: 'permission',
          memo: null,
        });
        writer.putPending({
          instance,
          direction: 'in',
          rpcId: '1',
          sessionId: null,
          kind: 'other',
          memo: [1],
        });
      });
      reopen();
      store.trimOutbox(instance, 1);
      expect({
        instances: store.instances(),
        outbox: store.outbox(instance, 0),
        pending: store.pending(instance).map(({ rpcId }) => rpcId),
        taken: store.commit((writer) => [
          writer.takePending(instance, 'in', '2'),
          writer.takePending(instance, 'out', '1'),
          writer.takePending(instance, 'in', '2'),
        ]),
        left: store.pending(instance),
        next: store.commit((writer) => writer.putOutbox(instance, 'three')),
      }).toEqual({
        instances: [
          { instance, agent: 'demo', shareKey: 'k', spoolOffset: 7, lastOut: 2, memo: { a: 2 } },
        ],
        outbox: [{ instance, n: 2, line: 'zwei' }],
        pending: ['2', '1'],
        taken: [
          {
            instance,
            direction: 'in',
            rpcId: '2',
            sessionId: sessionA,
            kind: 'permission',
            memo: null,
          },
          null,
          null,
        ],
        left: [
          { instance, direction: 'in', rpcId: '1', sessionId: null, kind: 'other', memo: [1] },
        ],
        next: 3,
      });
      store.commit((writer) => writer.dropInstance(instance));
      expect([store.instances(), store.outbox(instance, 0), store.pending(instance)]).toEqual([
        [],
        [],
        [],
      ]);
    });

    test('remembers commands by surface until they are old', () => {
      store.commit((writer) => {
        writer.putCommand('cli', 'c1', { ok: 1 }, 100);
        writer.putCommand('cli', 'c2', undefined, 200);
      });
      expect([store.command('cli', 'c1'), store.command('window', 'c1')]).toEqual([
        { result: { ok: 1 } },
        null,
      ]);
      store.trimCommands(150);
      expect([store.command('cli', 'c1'), store.command('cli', 'c2')]).toEqual([
        null,
        { result: null },
      ]);
    });

    test('keeps the newest commands however old they look', () => {
      store.commit((writer) => {
        for (const [index, id] of ['c1', 'c2', 'c3'].entries())
          writer.putCommand('cli', id, {}, index);
      });
      const kept = () => ['c1', 'c2', 'c3'].filter((id) => store.command('cli', id) !== null);
      store.trimCommands(1_000_000, 3);
      expect(kept()).toEqual(['c1', 'c2', 'c3']);
      store.trimCommands(1_000_000, 2);
      expect(kept()).toEqual(['c2', 'c3']);
    });

    test('forgets a session at once, and clears its events away bit by bit', () => {
      const many = Array.from({ length: 900 }, (_, i) => text(`${i} ${'x'.repeat(300)}`));
      appendAll(store, sessionB, [text('b')]);
      appendAll(store, sessionA, many);
      store.commit((writer) => {
        writer.putCommand('cli', 'c1', { sessionId: sessionA }, 1);
        writer.putCommand('cli', 'c2', { sessionId: sessionB }, 1);
        writer.forgetSession(sessionA);
      });
      expect([
        store.sessions().map(({ id }) => id),
        store.events(sessionA, { limit: 5 }),
        store.command('cli', 'c1'),
        store.command('cli', 'c2'),
      ]).toEqual([[sessionB], [], null, { result: { sessionId: sessionB } }]);
      // Interrupted after one piece, with a new session in between that must not see old events.
      expect(store.upkeep(0)).toBe('more');
      const { epoch } = store;
      const again = reopen();
      expect(again.epoch).toBe(epoch);
      appendAll(again, sessionA, [text('anew')]);
      while (again.upkeep(0) === 'more') continue;
      expect([
        seqs(again.events(sessionA, { limit: 9 })),
        seqs(again.events(sessionB, { limit: 9 })),
      ]).toEqual([[1], [1]]);
      expect(again.upkeep(0)).toBe('done');
      expect(reopen().epoch).toBe(epoch);
    });

    test('a session is not forgotten when the commit fails', () => {
      appendAll(store, sessionA, [text('one')]);
      expect(() =>
        store.commit((writer) => {
          writer.forgetSession(sessionA);
          throw new Error('no');
        }),
      ).toThrow('no');
      expect(seqs(appendAll(store, sessionA, [text('two')]))).toEqual([2]);
    });

    test('finds the events of turns', () => {
      const turn: EventBody = { type: 'turn.ended', turn: 1, outcome: 'completed' };
      appendAll(store, sessionB, [turn]);
      appendAll(store, sessionA, [text('x'), turn, text('y'), { ...turn, turn: 2 }]);
      expect(seqs(store.turnEvents(sessionA))).toEqual([2, 4]);
    });

    test('knows the size of what it wrote and of what it read', () => {
      const [event] = appendAll(store, sessionA, [text('ü'.repeat(500))]);
      const [read] = reopen().events(sessionA, { limit: 1 });
      if (event === undefined || read === undefined) throw new Error('one event');
      const size = Buffer.byteLength(JSON.stringify(event));
      for (const found of [store.bytesOf(event), store.bytesOf(read), store.bytesOf({ ...read })])
        expect(Math.abs(found - size)).toBeLessThan(100);
    });

    test('keeps its epoch when it is opened again', () => {
      const { epoch } = store;
      expect(reopen().epoch).toBe(epoch);
      expect(reopen().epoch).toBe(epoch);
    });
  });
}
