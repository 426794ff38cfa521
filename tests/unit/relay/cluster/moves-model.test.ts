import { expect, test } from 'vitest';
import { withDeadline } from '../../../../src/base/deadline.ts';
import {
  connectDevice,
  connectHost,
  DeviceKey,
  HostKey,
  type RelayClient,
} from '../../../support/relay-clients.ts';
import { RelayNodes, type RelayNode } from '../../../support/relay-nodes.ts';

const STEPS = 120;
const SETTLED_LIMIT_MS = 8_000;

/** Mulberry32: the same numbers for the same seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A host as it dials: only what it dialled last counts, and it answers all that arrives there. */
class Mover {
  readonly key = new HostKey();
  line: RelayClient | null = null;
  #dials = 0;
  #newest = 0;

  async dial(node: RelayNode): Promise<void> {
    this.#dials += 1;
    const dialledMs = this.#dials;
    const line = await connectHost(node, this.key, { dialledMs }).catch(() => null);
    if (line === null || dialledMs < this.#newest) return;
    this.#newest = dialledMs;
    // The one before is most often not closed: it has only not been heard of for a while.
    this.line = line;
    line.ws.on('message', (data: Buffer, isBinary) => {
      if (isBinary && line === this.line) line.ws.send(data);
    });
  }
}

/** Says a new number until it comes back. */
async function isWithHost(device: RelayClient, n: number): Promise<void> {
  const said = Buffer.from(String(n));
  for (;;) {
    device.send(said);
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (device.untaken.cargo.some((cargo) => cargo.equals(said))) return;
  }
}

test.each([1, 2, 3])(
  'hosts that move, devices that come and go, nodes that lose the bus: in the end each is with its host (seed %i)',
  async (seed) => {
    const random = seeded(seed);
    const pick = <T>(some: readonly T[]): T => {
      const one = some[Math.floor(random() * some.length)];
      if (one === undefined) throw new Error('nothing to pick from');
      return one;
    };
    const nodes = new RelayNodes();
    nodes.net.weather.delayMs = () => random() * 3;
    nodes.net.weather.interestMs = 5;
    try {
      const all = [await nodes.start(), await nodes.start(), await nodes.start()];
      const movers = [new Mover(), new Mover()];
      const devices = new Map<DeviceKey, { mover: Mover; line: RelayClient }>();
      const join = async (device: DeviceKey, mover: Mover): Promise<void> => {
        const line = await connectDevice(pick(all), mover.key, device).catch(() => null);
        if (line !== null) devices.set(device, { mover, line });
      };
      for (const mover of movers) for (let n = 0; n < 3; n += 1) await join(new DeviceKey(), mover);
      const done: Promise<void>[] = [];
      for (let step = 0; step < STEPS; step += 1) {
        const dice = random();
        if (dice < 0.35) done.push(pick(movers).dial(pick(all)));
        else if (dice < 0.65) {
          const [device, { mover, line }] = pick([...devices]);
          line.end();
          done.push(join(device, mover));
        } else if (dice < 0.8) {
          const { bus } = pick(all);
          bus.setUp(!bus.isUp);
        } else if (dice < 0.85) pick(movers).line?.end();
        else await new Promise((resolve) => setTimeout(resolve, random() * 20));
      }
      for (const { bus } of all) bus.setUp(true);
      await Promise.all(done);
      // Who was closed comes again, as clients do.
      for (const mover of movers) if (mover.line?.ws.readyState !== 1) await mover.dial(pick(all));
      for (const [device, { mover, line }] of devices)
        if (line.ws.readyState !== 1) await join(device, mover);
      const settled = [...devices.values()].map(async ({ line }, n) => await isWithHost(line, n));
      await withDeadline(Promise.all(settled), SETTLED_LIMIT_MS, 'Being with the host');
      expect([...devices.values()].map(({ line }) => line.ws.readyState)).toEqual(
        [...devices].map(() => 1),
      );
    } finally {
      await nodes.stop();
    }
  },
  20_000,
);
