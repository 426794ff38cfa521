import type { Timers } from '../connection/timers.ts';

/** A timer that fires this much too late has slept with the machine. */
const LATE_MS = 5_000;
/** What is left at least when the machine has woken: a host needs a moment to be heard of again. */
const AFTER_SLEEP_MS = 20_000;

/** Ends when it is not renewed in time. The time that the machine sleeps does not count. */
export class Lease {
  readonly #timers: Timers;
  readonly #limitMs: number;
  readonly #onOver: () => void;
  #stop: () => void = () => {};
  #dueAtMs = 0;

  constructor(timers: Timers, limitMs: number, onOver: () => void) {
    this.#timers = timers;
    this.#limitMs = limitMs;
    this.#onOver = onOver;
  }

  renew(): void {
    this.#arm(this.#limitMs);
  }

  /** The machine has woken. */
  woke(): void {
    if (this.#dueAtMs - this.#timers.nowMs() < AFTER_SLEEP_MS) this.#arm(AFTER_SLEEP_MS);
  }

  stop(): void {
    this.#stop();
  }

  #arm(forMs: number): void {
    this.#stop();
    this.#dueAtMs = this.#timers.nowMs() + forMs;
    this.#stop = this.#timers.after(forMs, () => {
      if (this.#timers.nowMs() - this.#dueAtMs > LATE_MS) this.#arm(AFTER_SLEEP_MS);
      else this.#onOver();
    });
  }
}
