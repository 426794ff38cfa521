import type { ChannelId } from '../protocol/relay.ts';
import { Bucket, type Rate } from './bucket.ts';
import { Channel } from './channel.ts';
import type { ChannelWorld } from './channel-world.ts';

export interface ChannelLimits {
  readonly maxChannels: number;
  readonly maxPerChannel: number;
  /** Bytes, and 256 for each frame. */
  readonly channelTraffic: Rate;
  readonly channelConnects: Rate;
}

/** Revoked devices that are remembered for hosts that are away: about 100 bytes each. */
const MAX_REMEMBERED = 200_000;

/** Hosts asleep whose devices are not there either, and that have revoked nothing. */
const MAX_ASLEEP = 10_000;

/**
 * All channels: those in use, and as many others as there is room for: for what they have revoked, or
 * because their host sleeps.
 */
export class Channels {
  readonly #limits: ChannelLimits;
  readonly #world: ChannelWorld;
  readonly #channels = new Map<ChannelId, Channel>();
  /** Without connections; the one that has been so for longest is first. */
  readonly #dormant = new Map<Channel, ChannelId>();
  /** Remembered for that alone, in the same order: these go before any that has revoked somebody. */
  readonly #asleep = new Map<Channel, ChannelId>();
  readonly #ids = new Map<Channel, ChannelId>();
  #remembered = 0;

  constructor(limits: ChannelLimits, world: Omit<ChannelWorld, 'emptied' | 'maxSeats'>) {
    this.#limits = limits;
    this.#world = {
      ...world,
      maxSeats: limits.maxPerChannel,
      emptied: (channel) => this.#emptied(channel),
    };
  }

  get size(): number {
    return this.#channels.size;
  }

  /** For somebody who is about to sit down there; null when there are too many already. */
  of(id: ChannelId): Channel | null {
    const known = this.#channels.get(id);
    if (known !== undefined) {
      this.#wake(known);
      return known;
    }
    if (this.#channels.size >= this.#limits.maxChannels && !this.#forgetOldest()) return null;
    const nowMs = this.#world.clock.nowMs();
    const channel = new Channel(
      id,
      this.#world,
      new Bucket(this.#limits.channelTraffic, nowMs),
      new Bucket(this.#limits.channelConnects, nowMs),
    );
    this.#channels.set(id, channel);
    this.#ids.set(channel, id);
    return channel;
  }

  /** After `of`, when nobody sat down. */
  settle(channel: Channel): void {
    channel.settle();
  }

  #emptied(channel: Channel): void {
    const id = this.#ids.get(channel);
    if (id === undefined || this.#dormant.has(channel) || this.#asleep.has(channel)) return;
    if (channel.revocations.isEmpty) {
      // A host that never revoked anybody loses nothing when it is forgotten, but that it sleeps.
      if (!channel.isAsleep) return this.#forget(channel, id);
      this.#asleep.set(channel, id);
      if (this.#asleep.size > MAX_ASLEEP) this.#forgetOldest();
      return;
    }
    this.#dormant.set(channel, id);
    this.#remembered += channel.revocations.count;
    while (this.#remembered > MAX_REMEMBERED && this.#forgetOldestOf(this.#dormant));
  }

  #wake(channel: Channel): void {
    this.#asleep.delete(channel);
    if (this.#dormant.delete(channel)) this.#remembered -= channel.revocations.count;
  }

  #forgetOldest(): boolean {
    return this.#forgetOldestOf(this.#asleep) || this.#forgetOldestOf(this.#dormant);
  }

  #forgetOldestOf(some: ReadonlyMap<Channel, ChannelId>): boolean {
    const [oldest] = some;
    if (oldest === undefined) return false;
    this.#wake(oldest[0]);
    this.#forget(...oldest);
    return true;
  }

  #forget(channel: Channel, id: ChannelId): void {
    this.#channels.delete(id);
    this.#ids.delete(channel);
  }
}
