import type { ChannelId } from '../../src/protocol/relay.ts';
import {
  isOlder,
  type ChannelFacts,
  type FactChange,
  type FactOrder,
  type FactStore,
} from '../../src/relay/cluster/fact-store.ts';

/** Facts in memory, shared by the nodes of one test: give all of them the same one. */
export class MemoryFactStore implements FactStore {
  readonly kept: Map<ChannelId, ChannelFacts>;
  /** While true it cannot be reached: readers hear so, what is put comes later. */
  isAway = false;
  /** Of what is kept, and of what was forgotten. */
  readonly #orders: Map<ChannelId, FactOrder | undefined>;
  readonly #pending = new Map<ChannelId, FactChange>();
  #isClosed = false;

  constructor(shared?: MemoryFactStore) {
    this.kept = shared === undefined ? new Map() : shared.kept;
    this.#orders = shared === undefined ? new Map() : shared.#orders;
  }

  async read(channel: ChannelId): Promise<ChannelFacts | null> {
    if (this.isAway) throw new Error('What is known of hosts cannot be read just now.');
    this.#write();
    return await Promise.resolve(this.kept.get(channel) ?? null);
  }

  put(channel: ChannelId, facts: ChannelFacts): void {
    this.#change(channel, { facts, order: facts.order });
  }

  forget(channel: ChannelId, order?: FactOrder): void {
    this.#change(channel, { facts: null, order });
  }

  async close(): Promise<void> {
    this.#write();
    this.#isClosed = true;
    await Promise.resolve();
  }

  #change(channel: ChannelId, change: FactChange): void {
    if (this.#isClosed) return;
    this.#pending.set(channel, change);
    this.#write();
  }

  #write(): void {
    if (this.isAway) return;
    for (const [channel, { facts, order }] of this.#pending) {
      if (isOlder(order, this.#orders.get(channel))) continue;
      this.#orders.set(channel, order);
      if (facts === null) this.kept.delete(channel);
      else this.kept.set(channel, facts);
    }
    this.#pending.clear();
  }
}
