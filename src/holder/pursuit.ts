import { backoffMs, type BackoffPolicy } from '../base/backoff.ts';
import type { Timers } from '../connection/timers.ts';

const BACKOFF: BackoffPolicy = { firstMs: 250, maxMs: 60_000 };
/** So long after a failure, the next one counts as a first. */
const STEADY_MS = 60_000;

export interface PursuitDeps {
  readonly timers: Timers;
  /** In [0, 1). */
  readonly random: () => number;
  /** What to do next to come nearer to what is wanted now; null: we are there. */
  readonly next: () => (() => Promise<void>) | null;
  /** Something was done, or failed. */
  readonly onStep: (failure: unknown) => void;
}

/**
 * Comes to a goal that may change at any time, one step after the other: the newest goal wins, and what
 * fails is tried again, more and more seldom.
 */
export class Pursuit {
  readonly #deps: PursuitDeps;
  #running: Promise<void> | null = null;
  #stopWaiting: (() => void) | null = null;
  #failures = 0;
  #failedAtMs = -Infinity;

  constructor(deps: PursuitDeps) {
    this.#deps = deps;
  }

  /** The goal has changed, or the world: goes on at once. */
  poke(): void {
    this.#stopWaiting?.();
    this.#stopWaiting = null;
    this.#run();
  }

  /** What was reached was lost again: goes on, but not at once. */
  setBack(): void {
    if (this.#running === null && this.#stopWaiting === null) this.#wait();
  }

  /** At the goal, or waiting until it is tried again. */
  async settled(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  /** Tries no more; what is under way ends by itself. */
  stop(): void {
    this.#stopWaiting?.();
    this.#stopWaiting = null;
  }

  #run(): void {
    if (this.#running !== null || this.#stopWaiting !== null) return;
    if (this.#deps.next() === null) return;
    this.#running = this.#steps().finally(() => {
      this.#running = null;
      // The goal may have changed after the last look at it.
      this.#run();
    });
  }

  async #steps(): Promise<void> {
    for (let step = this.#deps.next(); step !== null; step = this.#deps.next()) {
      try {
        await step();
      } catch (error) {
        this.#wait();
        this.#deps.onStep(error);
        return;
      }
      this.#deps.onStep(null);
    }
  }

  #wait(): void {
    const { timers, random } = this.#deps;
    const nowMs = timers.nowMs();
    this.#failures = nowMs - this.#failedAtMs > STEADY_MS ? 1 : this.#failures + 1;
    this.#failedAtMs = nowMs;
    this.#stopWaiting = timers.after(backoffMs(this.#failures, BACKOFF, random()), () => {
      this.#stopWaiting = null;
      this.#run();
    });
  }
}
