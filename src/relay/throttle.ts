import type { Bucket } from './bucket.ts';
import type { Clock } from './clock.ts';
import type { Line } from './line.ts';
import type { Metrics } from './metrics.ts';

/** A frame weighs its bytes and this many for the work that it makes. */
const FRAME_BYTES = 256;
const LOOK_AGAIN_MS = 50;

/** Makes senders wait that are over their rate: nothing is lost, the network holds it back. */
export class Throttle {
  readonly #clock: Clock;
  readonly #metrics: Metrics;
  readonly #held = new Map<Line, readonly Bucket[]>();
  #isLooking = false;

  constructor(clock: Clock, metrics: Metrics) {
    this.#clock = clock;
    this.#metrics = metrics;
  }

  /** Counts a frame that was taken from a line against the buckets that pay for it. */
  charge(line: Line, bytes: number, first: Bucket, second: Bucket): void {
    const nowMs = this.#clock.nowMs();
    const firstPays = first.take(bytes + FRAME_BYTES, nowMs);
    const secondPays = second.take(bytes + FRAME_BYTES, nowMs);
    if ((firstPays && secondPays) || this.#held.has(line)) return;
    this.#metrics.held += 1;
    this.#held.set(line, [first, second]);
    line.pause();
    this.#lookLater();
  }

  /** A line that is gone waits for nothing. */
  forget(line: Line): void {
    this.#held.delete(line);
  }

  #lookLater(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    this.#clock.after(LOOK_AGAIN_MS, () => {
      this.#isLooking = false;
      const nowMs = this.#clock.nowMs();
      for (const [line, buckets] of this.#held) {
        if (buckets.some((bucket) => bucket.isInDebt(nowMs))) continue;
        this.#held.delete(line);
        line.resume();
      }
      if (this.#held.size > 0) this.#lookLater();
    });
  }
}
