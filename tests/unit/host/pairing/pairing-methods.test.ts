import { beforeEach, expect, test } from 'vitest';
import type {
  Subscription,
  SurfaceConnection,
} from '../../../../src/host/api/surface-connection.ts';
import { pairingMethods, type PairMethods } from '../../../../src/host/pairing/pairing-methods.ts';
import type { PairState } from '../../../../src/protocol/pairing.ts';
import { PairingBench, settle } from './pairing-bench.ts';

let bench: PairingBench;
let methods: PairMethods;
beforeEach(() => {
  bench = new PairingBench();
  methods = pairingMethods(bench.pairing);
});

/** As much of a connection as these methods see. */
class FakeSurface {
  readonly told: PairState['phase'][] = [];
  readonly #held = new Map<string, Subscription>();
  readonly connection = {
    notify: (_name: string, { state }: { state: PairState }) => void this.told.push(state.phase),
    hold: (name: string, make: () => Subscription) => {
      if (!this.#held.has(name)) this.#held.set(name, make());
    },
    // The methods use nothing else of it.
  } as unknown as SurfaceConnection;

  close(): void {
    for (const subscription of this.#held.values()) subscription.close();
  }
}

const offer = async ({ connection }: FakeSurface) =>
  await methods['pair.offer']({ lan: false }, connection);

test('whoever makes an offer hears of it, and not of the end of the one before', async () => {
  const [first, second, other] = [new FakeSurface(), new FakeSurface(), new FakeSurface()];
  await offer(first);
  const { state } = await offer(second);
  expect([state.phase, first.told, second.told, other.told]).toEqual([
    'offered',
    ['offered', 'ended', 'offered'],
    ['offered'],
    [],
  ]);
});

test('an offer ends with the connection that made it, and with no other', async () => {
  const [maker, onlooker] = [new FakeSurface(), new FakeSurface()];
  await offer(maker);
  expect(await methods['pair.follow']({}, onlooker.connection)).toMatchObject({
    state: { phase: 'offered' },
  });
  await methods['pair.follow']({}, maker.connection);
  onlooker.close();
  expect(bench.pairing.state.phase).toBe('offered');
  maker.close();
  expect([bench.phases, maker.told, onlooker.told]).toEqual([
    ['offered', 'ended cancelled'],
    ['offered'],
    [],
  ]);
});

test('a connection that ends while the relay is being reached leaves nothing behind', async () => {
  let open = (): void => {};
  bench.opening = new Promise((resolve) => (open = resolve));
  const surface = new FakeSurface();
  const offering = offer(surface);
  surface.close();
  open();
  await expect(offering).rejects.toThrow('taken back');
  await settle();
  expect([bench.pairing.state.phase, bench.relay]).toEqual(['idle', ['way closed']]);
});
