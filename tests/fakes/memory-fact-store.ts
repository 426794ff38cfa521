import type { ChannelId } from '../../src/protocol/relay.ts';
import type { ChannelFacts, FactStore } from '../../src/relay/cluster/fact-store.ts';

/** Facts in memory, shared by the nodes of one test: give all of them the same map. */
export class MemoryFactStore implements FactStore {
  readonly kept: Map<ChannelId, ChannelFacts>;
  /** While true it cannot be reached: readers hear so, what is put comes later. */
  isAway = false;
  readonly #pending = new Map<ChannelId, ChannelFacts | null>();
  #isClosed = false;

  constructor(kept: Map<ChannelId, ChannelFacts> = new Map()) {
    this.kept = kept;
  }

  async read(channel: ChannelId): Promise<ChannelFacts | null> {
    if (this.isAway) throw new Error('What is known of hosts cannot be read just now.');
    this.#write();
    return await Promise.resolve(this.kept.get(channel) ?? null);
  }

  put(channel: ChannelId, facts: ChannelFacts | null): void {
    if (this.#isClosed) return;
    this.#pending.set(channel, facts);
    this.#write();
  }

  async close(): Promise<void> {
    this.#write();
    this.#isClosed = true;
    await Promise.resolve();
  }

  #write(): void {
    if (this.isAway) return;
    for (const [channel, facts] of this.#pending)
      if (facts === null) this.kept.delete(channel);
      else this.kept.set(channel, facts);
    this.#pending.clear();
  }
}
