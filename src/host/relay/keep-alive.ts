import type { Timers } from '../../connection/timers.ts';

/** Silence after which the relay is asked, and how long it may take: together below 15 s. */
const QUIET_MS = 6_000;
const ANSWER_LIMIT_MS = 7_000;

export interface KeepAliveNeeds {
  readonly timers: Timers;
  /** Asks the relay for a `pong`. */
  ping(): void;
  /** It did not answer: its connection is over. */
  end(): void;
}

/** Asks a relay that has been quiet; one that does not answer either is gone without a word. */
export class KeepAlive {
  readonly #needs: KeepAliveNeeds;
  #heardAtMs = 0;
  #cancel: () => void = () => {};
  /** What waits for the next pong. */
  #onPong: () => void = () => {};

  constructor(needs: KeepAliveNeeds) {
    this.#needs = needs;
  }

  get heardAtMs(): number {
    return this.#heardAtMs;
  }

  heard(): void {
    this.#heardAtMs = this.#needs.timers.nowMs();
  }

  /** The relay answered a ping, or can answer none any more. */
  ponged(): void {
    this.#onPong();
  }

  /** From now on, until `stop`. */
  listen(): void {
    const { timers } = this.#needs;
    this.#cancel();
    const restMs = this.#heardAtMs + QUIET_MS - timers.nowMs();
    this.#cancel = timers.after(Math.max(restMs, 0), () => {
      if (timers.nowMs() - this.#heardAtMs < QUIET_MS) this.listen();
      else this.ask();
    });
  }

  /** Whether it is still there, without waiting for a silence. */
  ask(limitMs = ANSWER_LIMIT_MS): void {
    const { timers, ping, end } = this.#needs;
    this.#cancel();
    const askedAtMs = timers.nowMs();
    this.#heardAtMs = Math.min(this.#heardAtMs, askedAtMs - 1);
    ping();
    this.#cancel = timers.after(limitMs, () => {
      if (this.#heardAtMs >= askedAtMs) return this.listen();
      end();
    });
  }

  stop(): void {
    this.#cancel();
  }

  /** The relay has all that was sent, or the time is over. */
  async whenTaken(limitMs: number): Promise<void> {
    const { timers, ping } = this.#needs;
    await new Promise<void>((resolve) => {
      const cancel = timers.after(limitMs, resolve);
      // Also when the link is lost meanwhile: then nothing is left to wait for.
      this.#onPong = () => {
        cancel();
        resolve();
      };
      ping();
    });
    this.#onPong = () => {};
  }
}
