import { newNodeId } from '../../src/relay/cluster/node-id.ts';
import { PeerLinks } from '../../src/relay/cluster/peer-links.ts';
import { Subjects } from '../../src/relay/cluster/subjects.ts';
import { systemClock, type Clock } from '../../src/relay/clock.ts';
import type { RelayLimits } from '../../src/relay/limits.ts';
import { MemoryBusNet, type MemoryBus } from '../fakes/memory-bus.ts';
import { MemoryFactStore } from '../fakes/memory-fact-store.ts';
import { relayHere } from './relay-under-test.ts';

export interface NodeOptions {
  readonly limits?: Partial<RelayLimits>;
  /** By how much this node's clock is wrong. */
  readonly clockOffMs?: number;
}

export type RelayNode = Awaited<ReturnType<RelayNodes['start']>>;

/** Nodes of one relay in this process, joined by a bus in memory. */
export class RelayNodes {
  readonly net = new MemoryBusNet(systemClock);
  readonly facts = new MemoryFactStore();
  /** Of the relays; the links between them have the system's. */
  readonly #clock: Clock;
  readonly #stops: (() => Promise<void>)[] = [];

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  async start({ limits = {}, clockOffMs = 0 }: NodeOptions = {}) {
    const bus: MemoryBus = this.net.join();
    const subjects = new Subjects('test');
    const peers = new PeerLinks({ self: newNodeId(), bus, subjects });
    const facts = new MemoryFactStore(this.facts);
    const wallMs = (): number => Date.now() + clockOffMs;
    const cluster = {
      bus,
      peers,
      subjects,
      facts,
      wallMs,
      problem: () => null,
      families: () => [],
      close: async () => {
        // What was said before is on its way, as a real bus has it flushed.
        await new Promise((resolve) => setImmediate(resolve));
        await bus.close();
      },
    };
    const place = await relayHere({ cluster, limits, clock: this.#clock });
    this.#stops.push(place.stop);
    return { ...place, bus, peers, facts };
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0)) await stop();
  }
}
