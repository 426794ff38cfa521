import {
  jetstream,
  jetstreamManager,
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Logger } from '../../base/log.ts';
import type { Clock } from '../clock.ts';
import { makeStream, type StreamPlan } from './jet-stream.ts';
import { isPassing, jetProblem, STREAM_NOT_FOUND } from './jet-words.ts';
import type { NatsLink } from './nats-link.ts';

/** Of one request. Whoever acknowledges has written to its disk, and to those of most of its peers. */
const ATTEMPT_MS = 1_200;
/** While there is no leader it is said at once that nobody hears. */
const RETRY_MS = { least: 40, spread: 120 };

export interface JetApi {
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
}

/** What is stored cannot be reached just now; in words. */
export class JetAway extends Error {
  override name = 'JetAway';
}

export interface JetNeeds {
  readonly link: NatsLink;
  readonly clock: Clock;
  /** In [0, 1). */
  random(): number;
  readonly log: Logger;
  /** As the operator wants it; null: as the cluster allows. */
  readonly replicas: number | null;
}

/**
 * JetStream as it is in a bad hour: requests are short and tried again while its leader is elected, and
 * a stream that is gone is made anew. Whatever is tried here may be done twice.
 */
export class Jet {
  readonly #needs: JetNeeds;
  readonly #apis = new WeakMap<NatsConnection, Promise<JetApi>>();
  readonly #making = new Map<StreamPlan, Promise<void>>();

  constructor(needs: JetNeeds) {
    this.#needs = needs;
  }

  /** What is left of a limit that begins now, in milliseconds. */
  limit(limitMs: number): () => number {
    const { clock } = this.#needs;
    const untilMs = clock.nowMs() + limitMs;
    return () => untilMs - clock.nowMs();
  }

  /** Rejects with {@link JetAway} when it cannot be done in time, with what JetStream said otherwise. */
  async try<T>(plan: StreamPlan, limitMs: number, act: (api: JetApi) => Promise<T>): Promise<T> {
    const { random } = this.#needs;
    const leftMs = this.limit(limitMs);
    for (;;) {
      try {
        return await this.once(plan, act);
      } catch (error) {
        if (!isPassing(error) && !(error instanceof JetAway)) throw error;
        const delayMs = RETRY_MS.least + random() * RETRY_MS.spread;
        if (delayMs > leftMs())
          throw new JetAway(`JetStream cannot be reached: ${this.#problem(error)}`, {
            cause: error,
          });
        await this.#pause(delayMs);
      }
    }
  }

  /** One attempt; the stream is made where it is missing, and that attempt fails. */
  async once<T>(plan: StreamPlan, act: (api: JetApi) => Promise<T>): Promise<T> {
    const api = await this.#api();
    try {
      return await act(api);
    } catch (error) {
      // Of a missing stream a publisher hears only that nobody takes it.
      if (isPassing(error) || codeOf(error) === STREAM_NOT_FOUND) await this.#mend(plan, api);
      throw error;
    }
  }

  /** Makes it where it is not there. */
  async make(plan: StreamPlan, limitMs: number): Promise<void> {
    await this.try(plan, limitMs, async (api) => await this.#makeOnce(plan, api));
  }

  async #api(): Promise<JetApi> {
    const { link } = this.#needs;
    const { connection } = link;
    if (connection === null) throw new JetAway(link.problem ?? 'NATS is away.');
    const known = this.#apis.get(connection);
    if (known !== undefined) return await known;
    const options = { timeout: ATTEMPT_MS, checkAPI: false };
    const made = jetstreamManager(connection, options).then((manager) => ({
      manager,
      client: jetstream(connection, options),
    }));
    this.#apis.set(connection, made);
    return await made;
  }

  async #mend(plan: StreamPlan, api: JetApi): Promise<void> {
    try {
      await this.#makeOnce(plan, api);
    } catch (error) {
      this.#needs.log.debug({ err: jetProblem(error) }, 'a stream could not be made');
    }
  }

  /** All that want it at once wait for the same. */
  async #makeOnce(plan: StreamPlan, { manager }: JetApi): Promise<void> {
    const { link, log, replicas } = this.#needs;
    const making =
      this.#making.get(plan) ??
      makeStream(plan, {
        manager,
        replicas,
        isCluster: link.connection?.info?.cluster !== undefined,
        log,
      }).finally(() => this.#making.delete(plan));
    this.#making.set(plan, making);
    await making;
  }

  #problem(error: unknown): string {
    return error instanceof JetAway ? error.message : jetProblem(error);
  }

  async #pause(delayMs: number): Promise<void> {
    await new Promise<void>((resolve) => void this.#needs.clock.after(delayMs, resolve));
  }
}

function codeOf(error: unknown): number {
  return error instanceof JetStreamApiError ? error.code : 0;
}
