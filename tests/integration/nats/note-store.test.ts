import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/relay/clock.ts';
import { JetLeaseStore } from '../../../src/relay/notes/jet-lease-store.ts';
import { JetNoteStore } from '../../../src/relay/notes/jet-note-store.ts';
import { noteStoreContract } from '../../contracts/note-store.ts';
import { natsSettings } from '../../support/nats-settings.ts';
import { joinNats } from '../../support/nats-stores.ts';
import { isWithoutNats, NatsUnderTest, type NatsOptions } from '../../support/nats-under-test.ts';
import { eventually } from '../../support/test-bus.ts';

describe.skipIf(isWithoutNats())('notes in JetStream', () => {
  describe('on one server', () => over({}));
  describe('on three', () => over({ size: 3 }));

  function over(options: NatsOptions): void {
    let nats: NatsUnderTest;
    let joined: Awaited<ReturnType<typeof joinNats>>;
    let made = 0;
    beforeAll(async () => {
      nats = await NatsUnderTest.start(options);
      joined = await joinNats(natsSettings(nats.urls));
    });
    afterAll(async () => {
      await joined.link.close();
      await nats.stop();
    });
    const storeOf = (prefix: string): JetNoteStore =>
      new JetNoteStore({ jet: joined.jet, prefix, clock: systemClock, onFailed: () => {} });
    const prefixOfOwn = (): string => {
      made += 1;
      return `notes-${made}`;
    };

    // With three copies it is the same, and takes its time.
    if (options.size !== 3)
      noteStoreContract(async () => {
        const prefix = prefixOfOwn();
        return await Promise.resolve({
          store: storeOf(prefix),
          reopened: () => storeOf(prefix),
          end: async () => await Promise.resolve(),
        });
      });

    test('who opened it last is the only writer, whatever the one before believes', async () => {
      const prefix = prefixOfOwn();
      const [first, second, third] = [storeOf(prefix), storeOf(prefix), storeOf(prefix)];
      await first.open();
      first.put('note.a.1', 'of the first');
      first.put('note.a.2', 'of the first');
      await first.durable();
      const { kept } = await second.open();
      first.put('note.a.1', 'too late');
      const failures = [await nameOf(first.durable()), await nameOf(first.durable())];
      second.put('note.a.2', 'of the second');
      second.put('note.a.1', null);
      await second.durable();
      first.put('note.a.3', 'too late');
      failures.push(await nameOf(first.durable()));
      first.abandon();
      const after = await third.open();
      failures.push(await nameOf(putOne(second)));
      expect({ kept: [...kept], failures, after: [...after.kept] }).toEqual({
        kept: [
          ['note.a.1', 'of the first'],
          ['note.a.2', 'of the first'],
        ],
        failures: ['NotesOfAnother', 'NotesOfAnother', 'NotesOfAnother', 'NotesOfAnother'],
        after: [['note.a.2', 'of the second']],
      });
    });

    test('what was taken away leaves nothing behind', async () => {
      const prefix = prefixOfOwn();
      const store = storeOf(prefix);
      await store.open();
      for (let n = 0; n < 20; n += 1) store.put(`note.a.${n}`, 'x');
      await store.durable();
      for (let n = 0; n < 20; n += 1) store.put(`note.a.${n}`, null);
      await store.durable();
      await eventually('an empty bucket', async () => {
        const { connection } = joined.link;
        const asked = await connection?.request(`$JS.API.STREAM.INFO.KV_${prefix}-notes`);
        // Only the mark of who writes is left.
        return /"messages":1,/.test(asked?.string() ?? '');
      });
    });

    test('a lease is written over what was read, or not at all', async () => {
      const prefix = prefixOfOwn();
      const [one, other] = [
        new JetLeaseStore(joined.jet, prefix),
        new JetLeaseStore(joined.jet, prefix),
      ];
      const none = await one.read();
      await joined.jet.make(one.plan, 5_000);
      const first = await one.write('{"of":"one"}', null);
      const refused = [await other.write('x', null), await other.write('x', (first ?? 0) + 1)];
      const seen = await other.read();
      const second = await other.write('{"of":"other"}', first);
      const late = await one.write('{"of":"one"}', first);
      const last = await one.read();
      expect({ none, refused, seen, late, last, grows: (second ?? 0) > (first ?? 0) }).toEqual({
        none: null,
        refused: [null, null],
        seen: { text: '{"of":"one"}', revision: first },
        late: null,
        last: { text: '{"of":"other"}', revision: second },
        grows: true,
      });
    });
  }
});

async function putOne(store: JetNoteStore): Promise<void> {
  store.put('note.a.9', 'late');
  await store.durable();
}

async function nameOf(failing: Promise<void>): Promise<string> {
  return await failing.then(
    () => 'kept',
    (error: unknown) => (error instanceof Error ? error.name : String(error)),
  );
}
