import { afterEach, expect, test } from 'vitest';
import type { ChannelId, DeviceId } from '../../src/protocol/relay.ts';
import type { ChannelFacts, FactOrder, FactStore } from '../../src/relay/cluster/fact-store.ts';

export interface FactStoresUnderTest {
  readonly store: FactStore;
  /** Of another node, or of the next start of this one. */
  readonly other: FactStore;
  end(): Promise<void>;
}

const CLOSE_MS = 5_000;

// Ids of tests; the schemas that brand them are at the relay's doors.
const channel = (n: number): ChannelId => `c${n}`.padEnd(22, '-') as ChannelId;
const device = (n: number): DeviceId => `d${n}`.padEnd(22, '_') as DeviceId;

function facts(epoch: number, revoked = 2): ChannelFacts {
  return {
    v: 1,
    epoch,
    revoked: Array.from({ length: revoked }, (_, n) => device(n)),
    asleepSince: epoch % 2 === 0 ? null : '2026-11-20T10:00:00.000Z',
  };
}

/** Said on the line that was dialled then, as so manieth. */
function said(dialledMs: number, revision: number): ChannelFacts & { readonly order: FactOrder } {
  return { ...facts(dialledMs), order: { dialledMs, revision } };
}

/** What every way of keeping facts does. */
export function factStoreContract(make: () => Promise<FactStoresUnderTest>): void {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });
  const made = async (): Promise<FactStoresUnderTest> => {
    const place = await make();
    ends.push(place.end);
    return place;
  };

  test('what was put is read by who put it at once, and by others once it was closed', async () => {
    const { store, other } = await made();
    const unknown = [await store.read(channel(1)), await other.read(channel(1))];
    store.put(channel(1), facts(1));
    store.put(channel(2), facts(2, 2_000));
    const own = await store.read(channel(1));
    await store.close(CLOSE_MS);
    expect([unknown, own, await other.read(channel(1)), await other.read(channel(2))]).toEqual([
      [null, null],
      facts(1),
      facts(1),
      facts(2, 2_000),
    ]);
  });

  test('the last one put holds, of many, of each channel', async () => {
    const { store, other } = await made();
    for (let epoch = 0; epoch < 50; epoch += 1)
      for (let n = 0; n < 40; n += 1) store.put(channel(n), facts(epoch + n));
    const own = await store.read(channel(7));
    await store.close(CLOSE_MS);
    const kept = await Promise.all(
      Array.from({ length: 40 }, async (_, n) => (await other.read(channel(n)))?.epoch),
    );
    expect([own, kept]).toEqual([facts(56), Array.from({ length: 40 }, (_, n) => 49 + n)]);
  });

  test('what is forgotten is not known, also at once; it can be put again', async () => {
    const { store, other } = await made();
    store.put(channel(1), facts(1));
    store.put(channel(2), facts(2));
    await eventually(async () => (await other.read(channel(2))) !== null);
    store.forget(channel(1));
    store.forget(channel(2));
    store.forget(channel(3));
    const own = await store.read(channel(1));
    await eventually(async () => (await other.read(channel(2))) === null);
    store.put(channel(2), facts(4));
    await store.close(CLOSE_MS);
    expect([
      own,
      await other.read(channel(1)),
      await other.read(channel(2)),
      await other.read(channel(3)),
    ]).toEqual([null, null, facts(4), null]);
  });

  test('a node that comes late with what is older neither writes over nor forgets what is newer', async () => {
    const { store, other } = await made();
    for (const n of [1, 2, 3, 4]) store.put(channel(n), said(2, 5));
    store.forget(channel(5), { dialledMs: 2, revision: 5 });
    store.put(channel(6), facts(2));
    await store.close(CLOSE_MS);
    other.put(channel(1), said(1, 9));
    other.put(channel(2), said(2, 4));
    other.forget(channel(3), { dialledMs: 1, revision: 9 });
    other.put(channel(4), said(2, 6));
    other.put(channel(5), said(1, 9));
    other.put(channel(6), said(1, 1));
    await other.close(CLOSE_MS);
    const kept = [1, 2, 3, 4, 5, 6].map(async (n) => await store.read(channel(n)));
    expect(await Promise.all(kept)).toEqual([
      ...[said(2, 5), said(2, 5), said(2, 5), said(2, 6)],
      ...[null, said(1, 1)],
    ]);
  });

  test('of two nodes that write at once the newer holds', async () => {
    const { store, other } = await made();
    const channels = Array.from({ length: 60 }, (_, n) => channel(n));
    for (const [n, id] of channels.entries()) {
      store.put(id, said(1 + (n % 2), 1));
      other.put(id, said(2 - (n % 2), 1));
    }
    await Promise.all([store.close(CLOSE_MS), other.close(CLOSE_MS)]);
    const kept = await Promise.all(channels.map(async (id) => await store.read(id)));
    expect(kept).toEqual(channels.map(() => said(2, 1)));
  });

  test('what is put after it was closed is not kept, and throws nothing', async () => {
    const { store, other } = await made();
    await store.close(CLOSE_MS);
    store.put(channel(1), facts(1));
    await store.close(CLOSE_MS);
    expect(await other.read(channel(1))).toBe(null);
  });
}

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + CLOSE_MS;
  while (!(await holds())) {
    if (performance.now() > giveUpAt) throw new Error('What was put has not come to be.');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
