import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { withDeadline } from '../../base/deadline.ts';
import { Emitter } from '../../base/emitter.ts';
import type { Logger } from '../../base/log.ts';
import type { Bus, Reply } from './bus.ts';
import { unsentBytesOf } from './nats-internals.ts';
import type { NatsLink } from './nats-link.ts';
import { QuickWay } from './nats-quick.ts';

const FLUSH_LIMIT_MS = 1_000;

interface Heard {
  readonly subject: string;
  readonly heard: (payload: Uint8Array, asked: Reply | null) => void;
  /** On the connection that there is. */
  subscription: Subscription | null;
}

/** A bus over core NATS. The link stays its owner's. */
export class NatsBus implements Bus {
  readonly #log: Logger;
  readonly #state = new Emitter<boolean>();
  readonly #all = new Set<Heard>();
  readonly #forgetLink: () => void;
  /** null: down, or closed. */
  #connection: NatsConnection | null = null;
  #quick: QuickWay | null = null;
  #isClosed = false;

  constructor(link: NatsLink, log: Logger) {
    this.#log = log;
    this.#forgetLink = link.onChange((connection) => this.#changed(connection));
    this.#changed(link.connection);
  }

  get isUp(): boolean {
    return this.#connection !== null;
  }

  onState(changed: (isUp: boolean) => void): () => void {
    return this.#state.on(changed);
  }

  get unsentBytes(): number {
    return this.#connection === null ? 0 : unsentBytesOf(this.#connection);
  }

  publish(subject: string, payload: Uint8Array): void {
    try {
      this.#connection?.publish(subject, payload);
    } catch (error) {
      // Between the end of a connection and the word of it; or a payload that is too big: a bug.
      if (this.#connection?.isClosed() === false) this.#log.error(text(error), 'a bug in the bus');
    }
  }

  publishWithRoom(subject: string, payload: Buffer): void {
    if (this.#quick?.publish(subject, payload) !== true) this.publish(subject, payload);
  }

  subscribe(subject: string, heard: Heard['heard']): () => void {
    const entry: Heard = { subject, heard, subscription: null };
    if (this.#isClosed) return () => {};
    this.#all.add(entry);
    if (this.#connection !== null) this.#begin(this.#connection, entry);
    return () => {
      this.#all.delete(entry);
      entry.subscription?.unsubscribe();
      entry.subscription = null;
    };
  }

  async ask(subject: string, payload: Uint8Array, limitMs: number): Promise<Uint8Array | null> {
    try {
      const answer = await this.#connection?.request(subject, payload, { timeout: limitMs });
      return answer?.data ?? null;
    } catch {
      // Nobody hears it, nobody answered in time, or the connection ended: which, nobody asks.
      return null;
    }
  }

  /** What was published before has left, where that can be done soon. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#forgetLink();
    const connection = this.#connection;
    this.#connection = null;
    this.#quick = null;
    for (const entry of this.#all) entry.subscription?.unsubscribe();
    this.#all.clear();
    if (connection !== null && !connection.isClosed())
      await withDeadline(connection.flush(), FLUSH_LIMIT_MS, 'Flushing').catch(() => {});
  }

  #changed(connection: NatsConnection | null): void {
    if (connection === this.#connection) return;
    this.#connection = connection;
    this.#quick = connection === null ? null : QuickWay.of(connection);
    for (const entry of this.#all) {
      entry.subscription = null;
      if (connection !== null) this.#begin(connection, entry);
    }
    this.#state.emit(connection !== null);
  }

  #begin(connection: NatsConnection, entry: Heard): void {
    const callback = (error: Error | null, message: Msg): void => {
      if (error !== null) {
        this.#log.error(text(error), 'NATS refuses a subscription');
        return;
      }
      if (!this.#all.has(entry)) return;
      try {
        entry.heard(message.data, replyTo(message));
      } catch (bug) {
        // Out of here it would end the reading of the connection, without a word.
        this.#log.error(text(bug), 'a bug in a listener of the bus');
      }
    };
    try {
      entry.subscription = connection.subscribe(entry.subject, { callback });
    } catch (error) {
      if (!connection.isClosed()) this.#log.error(text(error), 'a bug in the bus');
    }
  }
}

function replyTo(message: Msg): Reply | null {
  if (message.reply === undefined || message.reply === '') return null;
  let isAnswered = false;
  return (payload) => {
    if (isAnswered) return;
    isAnswered = true;
    try {
      message.respond(payload);
    } catch {
      // Its connection has ended: who asked is told nothing, or asks again.
    }
  };
}

function text(error: unknown): { err: string } {
  return { err: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
