import type { NatsConnection } from '@nats-io/transport-node';
import { withDeadline } from '../../base/deadline.ts';
import { Emitter } from '../../base/emitter.ts';
import type { Logger } from '../../base/log.ts';
import type { Clock } from '../clock.ts';
import { checkNatsSettings, dialNats, type Dialled } from './nats-dial.ts';
import { unsentBytesOf } from './nats-internals.ts';
import type { ClusterSettings } from './settings.ts';

/** One that lasted so long was good: the next outage begins with quick attempts again. */
const GOOD_MS = 2_000;
const QUICK_FOR_MS = 5_000;
const FLUSH_LIMIT_MS = 1_000;

export interface NatsLinkNeeds {
  readonly clock: Clock;
  /** In [0, 1). */
  random(): number;
  readonly log: Logger;
}

export interface NatsFigures {
  readonly isUp: boolean;
  /** How often it was in. */
  readonly connects: number;
  readonly failedDials: number;
  readonly unsentBytes: number;
  /** Of the server that it is or was connected with; null before the first. */
  readonly version: string | null;
  /** That version can lose what it has acknowledged. */
  readonly isRisky: boolean;
}

/**
 * The connection of this process with NATS, for as long as it lives: dialled anew, one server after
 * the other, for ever. Also while no server is there it is a link, only not up.
 */
export class NatsLink {
  readonly #settings: ClusterSettings;
  readonly #needs: NatsLinkNeeds;
  readonly #changed = new Emitter<NatsConnection | null>();
  /** Next to be dialled first. */
  #servers: string[];
  #connection: NatsConnection | null = null;
  #problem: string | null = 'NATS has not been reached yet.';
  #outageSinceMs: number;
  #connects = 0;
  #failedDials = 0;
  #version: string | null = null;
  #isRisky = false;
  #isClosing = false;
  #wake: () => void = () => {};
  #running: Promise<void> = Promise.resolve();

  private constructor(settings: ClusterSettings, needs: NatsLinkNeeds) {
    this.#settings = settings;
    this.#needs = needs;
    this.#outageSinceMs = needs.clock.nowMs();
    // Nodes begin with different ones, so that they spread over all.
    const first = Math.floor(needs.random() * settings.servers.length);
    this.#servers = [...settings.servers.slice(first), ...settings.servers.slice(0, first)];
  }

  /** Begins to dial. Throws, in words, for settings with which no server could be dialled. */
  static open(settings: ClusterSettings, needs: NatsLinkNeeds): NatsLink {
    checkNatsSettings(settings);
    const link = new NatsLink(settings, needs);
    link.#running = link.#run();
    return link;
  }

  /** null: down. */
  get connection(): NatsConnection | null {
    return this.#connection;
  }

  /** Why it is down, in words; null while it is up. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Told of each new connection, and of its end; calling what it returns ends that. */
  onChange(changed: (connection: NatsConnection | null) => void): () => void {
    return this.#changed.on((connection) => {
      try {
        changed(connection);
      } catch (error) {
        // Whoever hears it may be wrong: the others are told, and the dialling goes on.
        const err = error instanceof Error ? (error.stack ?? error.message) : String(error);
        this.#needs.log.error({ err }, 'a bug in what hears of the connection with NATS');
      }
    });
  }

  /** Resolves once it is up. Rejects, in words, when it is not within the limit; it goes on trying. */
  async up(limitMs: number): Promise<void> {
    if (this.#connection !== null) return;
    let forget = (): void => {};
    const up = new Promise<void>((resolve) => {
      forget = this.onChange((connection) => {
        if (connection !== null) resolve();
      });
    });
    try {
      await withDeadline(up, limitMs, 'Reaching NATS');
    } catch (error) {
      throw new Error(this.#problem ?? 'NATS cannot be reached.', { cause: error });
    } finally {
      forget();
    }
  }

  figures(): NatsFigures {
    const connection = this.#connection;
    return {
      isUp: connection !== null,
      connects: this.#connects,
      failedDials: this.#failedDials,
      unsentBytes: connection === null ? 0 : unsentBytesOf(connection),
      version: this.#version,
      isRisky: this.#isRisky,
    };
  }

  /** What was published before goes out first, where that can be done soon. */
  async close(): Promise<void> {
    if (this.#isClosing) return await this.#running;
    this.#isClosing = true;
    this.#wake();
    const connection = this.#connection;
    if (connection !== null) {
      await withDeadline(connection.flush(), FLUSH_LIMIT_MS, 'Flushing').catch(() => {});
      await connection.close();
    }
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#isClosing) {
      const dialled = await this.#dialAny();
      if (dialled === null) continue;
      if (this.#isClosing) await dialled.connection.close();
      else await this.#use(dialled);
    }
  }

  /** Each server once; null: none of them will do, and a while has passed. */
  async #dialAny(): Promise<Dialled | null> {
    const problems: string[] = [];
    for (const server of this.#servers) {
      if (this.#isClosing) return null;
      try {
        const dialled = await dialNats(server, this.#settings);
        this.#putLast(server);
        return dialled;
      } catch (error) {
        this.#failedDials += 1;
        problems.push(error instanceof Error ? error.message : String(error));
      }
    }
    this.#say(problems.join(' '));
    await this.#wait();
    return null;
  }

  async #use({ connection, version, warning }: Dialled): Promise<void> {
    const { clock, log } = this.#needs;
    const sinceMs = clock.nowMs();
    this.#connects += 1;
    this.#version = version;
    this.#isRisky = warning !== null;
    this.#problem = null;
    this.#connection = connection;
    log.info({ version }, 'connected with NATS');
    if (warning !== null) log.warn({ warning }, 'this version of NATS is not to be relied on');
    void this.#watch(connection);
    this.#changed.emit(connection);
    const error = await connection.closed();
    this.#connection = null;
    this.#problem = 'The connection with NATS is lost.';
    const nowMs = clock.nowMs();
    const isGood = nowMs - sinceMs >= GOOD_MS;
    if (isGood) this.#outageSinceMs = nowMs;
    if (!this.#isClosing) log.warn({ err: error?.message }, 'the connection with NATS is lost');
    this.#changed.emit(null);
    if (!isGood) await this.#wait();
  }

  async #watch(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      switch (status.type) {
        case 'staleConnection':
          // Left to itself it first waits until what is unsent has been, which may never be.
          void connection.close();
          break;
        case 'ldm':
          // This server is about to stop: to the next, before it cuts us off.
          void this.#leave(connection);
          break;
        case 'error':
          this.#needs.log.error({ err: status.error.message }, 'NATS refuses something');
          break;
        default:
      }
    }
  }

  async #leave(connection: NatsConnection): Promise<void> {
    await withDeadline(connection.flush(), FLUSH_LIMIT_MS, 'Flushing').catch(() => {});
    await connection.close();
  }

  #putLast(server: string): void {
    this.#servers = [...this.#servers.filter((other) => other !== server), server];
  }

  #say(problem: string): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.#needs.log.error({ problem }, 'NATS cannot be used');
  }

  async #wait(): Promise<void> {
    if (this.#isClosing) return;
    const { clock, random } = this.#needs;
    const isFresh = clock.nowMs() - this.#outageSinceMs < QUICK_FOR_MS;
    const delayMs = isFresh ? 20 + random() * 80 : 300 + random() * 700;
    await new Promise<void>((resolve) => {
      const forget = clock.after(delayMs, resolve);
      this.#wake = () => {
        forget();
        resolve();
      };
    });
    this.#wake = () => {};
  }
}
