import { afterEach, expect, test } from 'vitest';
import type { ChannelId, DeviceId } from '../../src/protocol/relay.ts';
import type { ChannelFacts, FactStore } from '../../src/relay/cluster/fact-store.ts';

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
    store.put(channel(1), null);
    store.put(channel(2), null);
    store.put(channel(3), null);
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
