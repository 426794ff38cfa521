import { afterEach, expect, test } from 'vitest';
import type { NoteStore } from '../../src/relay/notes/note-store.ts';

export interface NoteStoreUnderTest {
  readonly store: NoteStore;
  /** As a relay that was killed and started again finds it: what was durable, and maybe more. */
  reopened(): NoteStore;
  end(): Promise<void>;
}

/** What every way of keeping notes does. */
export function noteStoreContract(make: () => Promise<NoteStoreUnderTest>): void {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });
  const made = async (): Promise<NoteStoreUnderTest> => {
    const place = await make();
    ends.push(place.end);
    return place;
  };
  const keptBy = async (store: NoteStore) => {
    const { kept, damaged } = await store.open();
    return { damaged, kept: Object.fromEntries([...kept].toSorted()) };
  };

  test('what was durable is there after the end of the one who put it, the last of each key', async () => {
    const place = await made();
    expect(await keptBy(place.store)).toEqual({ damaged: 0, kept: {} });
    place.store.put('note.a.1', '{"v":1}');
    place.store.put('note.a.2', '{"v":"ä \\n 😀"}');
    place.store.put('note.a.1', '{"v":2}');
    place.store.put('host.a', '{}');
    await place.store.durable();
    place.store.put('host.a', null);
    place.store.put('note.b.1', '{"v":3}');
    await place.store.durable();
    expect(await keptBy(place.reopened())).toEqual({
      damaged: 0,
      kept: { 'note.a.1': '{"v":2}', 'note.a.2': '{"v":"ä \\n 😀"}', 'note.b.1': '{"v":3}' },
    });
  });

  test('what nobody waited for is there too once it was closed', async () => {
    const place = await made();
    await place.store.open();
    place.store.put('note.a.1', '{"v":1}');
    await place.store.close();
    expect((await keptBy(place.reopened())).kept).toEqual({ 'note.a.1': '{"v":1}' });
  });

  test('many that wait at once all find theirs kept, also while others are put', async () => {
    const place = await made();
    await place.store.open();
    const all = Array.from({ length: 300 }, async (_, n) => {
      place.store.put(`note.a.${n}`, String(n));
      if (n % 3 === 0) place.store.put(`note.a.${n - 1}`, null);
      await place.store.durable();
    });
    await Promise.all(all);
    const { kept } = await keptBy(place.reopened());
    const wanted = Array.from({ length: 300 }, (_, n) => n).filter((n) => (n + 1) % 3 !== 0);
    expect(kept).toEqual(
      Object.fromEntries([...wanted, 299].map((n) => [`note.a.${n}`, String(n)]).toSorted()),
    );
  });

  test('long texts, and more of them than are held, are kept', async () => {
    const place = await made();
    await place.store.open();
    const text = JSON.stringify('x'.repeat(9_000));
    for (let round = 0; round < 40; round += 1) {
      for (let n = 0; n < 50; n += 1) place.store.put(`note.a.${n}`, `${text}`);
      place.store.put('note.a.0', `"${round}"`);
      await place.store.durable();
    }
    const { kept, damaged } = await keptBy(place.reopened());
    expect([
      damaged,
      Object.keys(kept).length,
      kept['note.a.0'],
      kept['note.a.49'] === text,
    ]).toEqual([0, 50, '"39"', true]);
  });
}
