import type { ChannelId } from '../../protocol/relay.ts';
import type { Clock } from '../clock.ts';
import type { ChannelFacts, FactOrder, FactStore } from './fact-store.ts';

/** Hosts that come all at once do not read all at once. */
const FORGET_AFTER_MS = 2_000;
const FORGET_WITHIN_MS = 3_000;

/** What a cluster remembers of hosts, as the nodes where they are write it down. */
export class FactDesk {
  readonly #store: FactStore;
  readonly #clock: Clock;
  readonly #random: () => number;

  constructor(store: FactStore, clock: Clock, random: () => number) {
    this.#store = store;
    this.#clock = clock;
    this.#random = random;
  }

  /** `isCurrent`: nothing else has been said of this host since. */
  keep(channel: ChannelId, facts: ChannelFacts, isCurrent: () => boolean): void {
    if (!isEmpty(facts)) return this.#store.put(channel, facts);
    // Most hosts have nothing to remember, and never had: a read is cheaper than a write.
    this.#clock.after(FORGET_AFTER_MS + this.#random() * FORGET_WITHIN_MS, () => {
      if (isCurrent()) void this.#forget(channel, facts.order, isCurrent);
    });
  }

  /** `unknown`: it could not be told in time. */
  async read(channel: ChannelId, limitMs: number): Promise<ChannelFacts | null | 'unknown'> {
    return await new Promise((resolve) => {
      const callOff = this.#clock.after(limitMs, () => resolve('unknown'));
      this.#store
        .read(channel)
        .then(resolve, () => resolve('unknown'))
        .finally(callOff)
        .catch(() => {});
    });
  }

  async #forget(
    channel: ChannelId,
    order: FactOrder | undefined,
    isCurrent: () => boolean,
  ): Promise<void> {
    // What cannot be read is found stale by whoever reads it: only since when its machine sleeps.
    const known = await this.#store.read(channel).catch(() => null);
    if (known !== null && isCurrent()) this.#store.forget(channel, order);
  }
}

function isEmpty({ epoch, revoked, asleepSince }: ChannelFacts): boolean {
  return epoch === 0 && revoked.length === 0 && asleepSince === null;
}
