import type { Timers } from '../../src/connection/timers.ts';

/** A clock that tests turn. */
export class FakeTimers implements Timers {
  #nowMs = 1_000_000;
  #waiting: { atMs: number; run: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const entry = { atMs: this.#nowMs + delayMs, run };
    this.#waiting.push(entry);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== entry);
    };
  }

  /** Delays of what waits, soonest first. */
  get pendingMs(): number[] {
    return this.#waiting.map(({ atMs }) => atMs - this.#nowMs).sort((a, b) => a - b);
  }

  /** Runs what falls due on the way, in order. */
  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs;
    for (;;) {
      const next = this.#waiting
        .filter(({ atMs }) => atMs <= untilMs)
        .sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.#waiting = this.#waiting.filter((entry) => entry !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.run();
    }
    this.#nowMs = untilMs;
  }
}
