import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { backoffMs, type BackoffPolicy } from '../../base/backoff.ts';
import { Emitter } from '../../base/emitter.ts';
import type { Logger } from '../../base/log.ts';
import type { Timers } from '../../connection/timers.ts';
import { writePrivate } from '../devices/private-file.ts';
import type { RelayListening, RunRelay } from './relay-child.ts';

const RETRY: BackoffPolicy = { firstMs: 250, maxMs: 30_000 };
/** One that ran so long did not fail at its start. */
const STEADY_MS = 60_000;
/** The relay of a host that was just killed may need a moment to let go of the port. */
const QUIET_FAILURES = 4;

const portFileSchema = z.object({ port: z.number().int().min(1).max(65_535) });

export interface OwnRelayWish {
  /** From config.json; null: a free one, kept from then on. */
  readonly port: number | null;
  readonly lan: string | null;
  readonly names: readonly string[];
}

export interface OwnRelayNeeds {
  readonly run: RunRelay;
  /** `<home>/relay.json`: the port, since devices and proxies have been told it. */
  readonly portFile: string;
  freePort(): Promise<number>;
  readonly timers: Timers;
  random(): number;
  readonly logger: Logger;
}

/** The relay of this machine: runs while it is wished for, and comes back when it fails. */
export class OwnRelay {
  /** Address or problem changed. */
  readonly changed = new Emitter<void>();
  readonly #needs: OwnRelayNeeds;
  #wish: OwnRelayWish | null = null;
  #running: { readonly listening: RelayListening; end(): void } | null = null;
  #isEnding = false;
  #isReady = false;
  #problem: string | null = null;
  #port: number | null = null;
  #failures = 0;
  #cancelRetry: (() => void) | null = null;

  constructor(needs: OwnRelayNeeds) {
    this.#needs = needs;
  }

  /** For this host; null until it listens for the first time, and while it is not wished for. */
  get url(): string | null {
    return this.#wish === null || this.#port === null ? null : `http://127.0.0.1:${this.#port}`;
  }

  /** For devices on the local network; null while it is not open there. */
  get lanUrl(): string | null {
    const lan = this.#isReady ? (this.#running?.listening.lan ?? null) : null;
    return lan === null || this.#port === null ? null : `http://${lan}:${this.#port}`;
  }

  /** It listens as it is wished. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** In words for the person. */
  get problem(): string | null {
    return this.#problem;
  }

  /** What it should be from now on; null: not there. The same again changes nothing. */
  wish(wish: OwnRelayWish | null): void {
    if (JSON.stringify(wish) === JSON.stringify(this.#wish)) return;
    if (wish === null || wish.port !== this.#wish?.port) this.#port = null;
    this.#wish = wish;
    this.#failures = 0;
    this.#problem = null;
    this.#isReady = false;
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    if (this.#running !== null) this.#end();
    else if (wish !== null) void this.#start();
    this.changed.emit();
  }

  #end(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#running?.end();
  }

  async #start(): Promise<void> {
    const wish = this.#wish;
    const { run, freePort, logger, timers } = this.#needs;
    if (wish === null) return;
    let kept: number | null;
    let port: number;
    try {
      kept = wish.port ?? this.#keptPort();
      port = kept ?? (await freePort());
    } catch (error) {
      return this.#failed(`it has no port: ${messageOf(error)}`);
    }
    if (wish !== this.#wish || this.#running !== null) return;
    const startedAtMs = timers.nowMs();
    const listening = { port, lan: wish.lan, names: wish.names };
    const child = run(listening, {
      ready: () => {
        if (this.#running?.listening !== listening || this.#isEnding) return;
        this.#isReady = true;
        this.#problem = null;
        if (kept === null) this.#keepPort(port);
        this.#port = port;
        this.changed.emit();
      },
      ended: ({ isTaken, words }) => {
        this.#running = null;
        this.#isReady = false;
        const wasAsked = this.#isEnding;
        this.#isEnding = false;
        if (wasAsked) return void this.#start();
        if (timers.nowMs() - startedAtMs >= STEADY_MS) this.#failures = 0;
        logger.warn({ port, words }, 'the relay of this machine ended');
        this.#failed(isTaken ? takenWords(port, wish) : words);
      },
    });
    this.#running = { listening, end: () => child.end() };
  }

  #failed(words: string): void {
    if (this.#wish === null) return;
    const { timers, random } = this.#needs;
    this.#failures += 1;
    if (this.#failures > QUIET_FAILURES)
      this.#problem = `The relay of this machine does not run, so that no device can connect: ${words}.`;
    this.#cancelRetry = timers.after(backoffMs(this.#failures, RETRY, random()), () => {
      this.#cancelRetry = null;
      void this.#start();
    });
    this.changed.emit();
  }

  #keptPort(): number | null {
    try {
      return portFileSchema.parse(JSON.parse(readFileSync(this.#needs.portFile, 'utf8'))).port;
    } catch {
      // Lost or damaged costs a new port, which is the same as the first time.
      return null;
    }
  }

  #keepPort(port: number): void {
    try {
      writePrivate(this.#needs.portFile, JSON.stringify({ port }));
    } catch (error) {
      this.#needs.logger.warn({ err: error }, 'the port of the relay could not be kept');
    }
  }
}

function takenWords(port: number, { port: configured, lan }: OwnRelayWish): string {
  const where = `port ${port} of 127.0.0.1${lan === null ? '' : ` or ${lan}`}`;
  const fix =
    configured === null ? 'set relay.port in config.json' : 'change relay.port in config.json';
  return `${where} is taken by another program: end that, or ${fix}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
