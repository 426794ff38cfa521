import type { Timers } from '../../src/connection/timers.ts';

interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** A clock on which promises come to their end before it goes on. */
export class VirtualTime implements Timers {
  #nowMs = 1_000_000;
  #order = 0;
  #waiting: Entry[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const entry = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, run };
    this.#waiting.push(entry);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== entry);
    };
  }

  async wait(forMs: number): Promise<void> {
    await new Promise<void>((resolve) => void this.after(forMs, resolve));
  }

  /** Goes on by so much; all that falls due runs in order, with everything that follows from it. */
  async advance(byMs: number): Promise<void> {
    const untilMs = this.#nowMs + byMs;
    await settle();
    for (;;) {
      const next = this.#waiting
        .filter(({ atMs }) => atMs <= untilMs)
        .sort((a, b) => a.atMs - b.atMs || a.order - b.order)[0];
      if (next === undefined) break;
      this.#waiting = this.#waiting.filter((entry) => entry !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.run();
      await settle();
    }
    this.#nowMs = untilMs;
  }

  /** All stands still meanwhile, as in a sleep: what fell due comes late. */
  async sleep(forMs: number): Promise<void> {
    this.#nowMs += forMs;
    await this.advance(0);
  }
}

/** Promises and what was put off with them have run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
