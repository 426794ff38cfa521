import { Kvm, type KV, type KvEntry } from '@nats-io/kv';
import { headers } from '@nats-io/transport-node';
import type { Logger } from '../../base/log.ts';
import type { ChannelId } from '../../protocol/relay.ts';
import type { Clock } from '../clock.ts';
import {
  channelFactsSchema,
  forgottenSchema,
  isOlder,
  type ChannelFacts,
  type FactChange,
  type FactOrder,
  type FactStore,
} from './fact-store.ts';
import { JetAway, type Jet, type JetApi } from './jet.ts';
import { bucketPlan, type StreamPlan } from './jet-stream.ts';
import { isWrongSequence, jetProblem } from './jet-words.ts';

const READ_LIMIT_MS = 2_500;
const WRITE_LIMIT_MS = 5_000;
const RETRY_MS = 1_000;
/** A host that was away for longer says all of it again when it comes. */
const MAX_AGE_MS = 90 * 24 * 3_600_000;
/** It is a cache: hosts that somebody makes up by the thousand must not fill the disk. */
const MAX_HOSTS = 50_000;
/** Of those that are not written yet; an outage of days must not fill the memory. */
const MAX_PENDING = 10_000;
const AT_ONCE = 16;

export interface JetFactNeeds {
  readonly jet: Jet;
  readonly prefix: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Facts in a bucket of JetStream, written behind: the last one put of each channel, until it is there or
 * a newer one of another node is.
 */
export class JetFactStore implements FactStore {
  readonly plan: StreamPlan;
  readonly #needs: JetFactNeeds;
  readonly #bucket: string;
  /** The oldest first. */
  readonly #pending = new Map<ChannelId, FactChange>();
  /** Being written; what was put meanwhile stands in `#pending`. */
  readonly #writing = new Map<ChannelId, FactChange>();
  #waiters: (() => void)[] = [];
  #isClosed = false;
  #isResting = false;

  constructor(needs: JetFactNeeds) {
    this.#needs = needs;
    this.#bucket = `${needs.prefix}-facts`;
    this.plan = bucketPlan(this.#bucket, { maxAgeMs: MAX_AGE_MS, maxMessages: MAX_HOSTS });
  }

  async read(channel: ChannelId): Promise<ChannelFacts | null> {
    const own = this.#pending.get(channel) ?? this.#writing.get(channel);
    if (own !== undefined) return own.facts;
    const { jet, log } = this.#needs;
    const entry = await jet.try(this.plan, READ_LIMIT_MS, async (api) => {
      const bucket = await this.#open(api);
      return await bucket.get(channel);
    });
    if (entry === null || entry.operation !== 'PUT') return null;
    const facts = channelFactsSchema.safeParse(jsonOf(entry.string()));
    if (!facts.success) log.warn({}, 'what is kept of a host cannot be read, and is left out');
    return facts.success ? facts.data : null;
  }

  put(channel: ChannelId, facts: ChannelFacts): void {
    this.#change(channel, { facts, order: facts.order });
  }

  forget(channel: ChannelId, order?: FactOrder): void {
    this.#change(channel, { facts: null, order });
  }

  async close(limitMs: number): Promise<void> {
    if (this.#pending.size + this.#writing.size > 0) {
      this.#isResting = false;
      this.#write();
      await new Promise<void>((resolve) => {
        const forget = this.#needs.clock.after(limitMs, resolve);
        this.#waiters.push(() => {
          forget();
          resolve();
        });
      });
    }
    this.#isClosed = true;
    this.#pending.clear();
  }

  #change(channel: ChannelId, change: FactChange): void {
    if (this.#isClosed) return;
    this.#pending.delete(channel);
    this.#pending.set(channel, change);
    const [oldest] = this.#pending.keys();
    if (this.#pending.size > MAX_PENDING && oldest !== undefined) this.#pending.delete(oldest);
    this.#write();
  }

  #write(): void {
    if (this.#isResting) return;
    for (const [channel, change] of this.#pending) {
      if (this.#writing.size >= AT_ONCE) return;
      // One after the other of each, so that the last one put is the last one written.
      if (this.#writing.has(channel)) continue;
      this.#pending.delete(channel);
      this.#writing.set(channel, change);
      void this.#writeOne(channel, change);
    }
  }

  async #writeOne(channel: ChannelId, change: FactChange): Promise<void> {
    const { jet, log } = this.#needs;
    try {
      await jet.try(this.plan, WRITE_LIMIT_MS, async (api) => {
        // Newer ones are about to take its place.
        if (this.#isClosed) return;
        await this.#writeOver(api, channel, change);
      });
    } catch (error) {
      if (error instanceof JetAway) this.#again(channel, change);
      else log.error({ err: jetProblem(error) }, 'what is known of a host could not be kept');
    }
    this.#writing.delete(channel);
    this.#write();
    if (this.#pending.size + this.#writing.size > 0) return;
    for (const resolve of this.#waiters.splice(0)) resolve();
  }

  /** What is there, where that is not newer. Rejects as JetStream that is away when another node was first. */
  async #writeOver(api: JetApi, channel: ChannelId, change: FactChange): Promise<void> {
    const bucket = await this.#open(api);
    const entry = await bucket.get(channel);
    if (isOlder(change.order, orderOf(entry))) return;
    const expect = { lastSubjectSequence: entry?.revision ?? 0 };
    const { facts, order } = change;
    const marker = headers();
    if (facts === null) {
      marker.set('KV-Operation', 'PURGE');
      marker.set('Nats-Rollup', 'sub');
    }
    try {
      await api.client.publish(
        `$KV.${this.#bucket}.${channel}`,
        JSON.stringify(facts ?? { order }),
        facts === null ? { expect, headers: marker } : { expect },
      );
    } catch (error) {
      if (!isWrongSequence(error)) throw error;
      throw new JetAway('Another node has written it meanwhile.', { cause: error });
    }
  }

  #again(channel: ChannelId, change: FactChange): void {
    if (this.#isClosed) return;
    if (!this.#pending.has(channel)) this.#pending.set(channel, change);
    if (this.#isResting) return;
    this.#isResting = true;
    this.#needs.clock.after(RETRY_MS, () => {
      this.#isResting = false;
      this.#write();
    });
  }

  async #open({ client }: JetApi): Promise<KV> {
    return await new Kvm(client).open(this.#bucket, { allow_direct: true });
  }
}

/** Also of what was forgotten. */
function orderOf(entry: KvEntry | null): FactOrder | undefined {
  return entry === null ? undefined : forgottenSchema.safeParse(jsonOf(entry.string())).data?.order;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
