import type { Metrics } from './metrics.ts';

/** A line whose other end can be asked whether it is there. */
export interface Pinged {
  /** Set by whatever is heard; cleared here. */
  isHeard: boolean;
  /** Not read from at the moment, for our own sake: its silence says nothing. */
  readonly isPaused: boolean;
  ping(): void;
  terminate(): void;
}

const TICK_MS = 1_000;

/**
 * Pings each line every so many seconds and ends the one that has said nothing since the last time.
 * A wheel with a spoke a second, so that ten thousand lines are not asked at the same instant.
 */
export class Liveness<Line extends Pinged> {
  readonly #wheel: Set<Line>[];
  readonly #metrics: Metrics;
  #hand = 0;

  constructor(everyMs: number, metrics: Metrics) {
    const seconds = Math.max(1, Math.round(everyMs / TICK_MS));
    this.#wheel = Array.from({ length: seconds }, () => new Set<Line>());
    this.#metrics = metrics;
  }

  /** Its first ping comes one round from now. Taken off again by `delete` on what is returned. */
  watch(line: Line): Set<Line> {
    const spoke = this.#wheel[this.#hand] ?? new Set();
    return spoke.add(line);
  }

  *all(): Generator<Line> {
    for (const spoke of this.#wheel) yield* spoke;
  }

  /** To be called every second. */
  tick(): void {
    this.#hand = (this.#hand + 1) % this.#wheel.length;
    for (const line of this.#wheel[this.#hand] ?? []) this.#ask(line);
  }

  #ask(line: Line): void {
    if (line.isPaused) return;
    if (line.isHeard) {
      line.isHeard = false;
      line.ping();
      return;
    }
    this.#metrics.unanswered += 1;
    line.terminate();
  }
}
