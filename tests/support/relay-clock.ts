import type { Clock } from '../../src/relay/clock.ts';

/** Time that passes when it is told to. */
export class RelayClock implements Clock {
  #nowMs = 0;
  readonly #waiting = new Map<object, { atMs: number; act: () => void }>();

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, act: () => void): () => void {
    const entry = {};
    this.#waiting.set(entry, { atMs: this.#nowMs + delayMs, act });
    return () => void this.#waiting.delete(entry);
  }

  /** Who waited is gone. */
  forget(): void {
    this.#waiting.clear();
  }

  /** Nothing runs meanwhile, as in a process that is stopped: what fell due comes late. */
  jump(ms: number): void {
    this.#nowMs += ms;
  }

  /** In order of time, also what is begun on the way. */
  pass(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const [next] = [...this.#waiting].toSorted((a, b) => a[1].atMs - b[1].atMs);
      if (next === undefined || next[1].atMs > untilMs) break;
      this.#waiting.delete(next[0]);
      this.#nowMs = Math.max(this.#nowMs, next[1].atMs);
      next[1].act();
    }
    this.#nowMs = untilMs;
  }
}
