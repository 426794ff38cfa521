import type { Timers } from '../../../src/connection/timers.ts';

interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly owner: object;
  readonly run: () => void;
}

/** Hours in moments. Each life of a host has timers of its own: a killed one has none any more. */
export class RoughTime {
  nowMs = Date.parse('2026-11-21T20:00:00.000Z');
  #order = 0;
  #waiting: Entry[] = [];

  timersOf(owner: object): Timers {
    return {
      nowMs: () => this.nowMs,
      after: (delayMs, run) => {
        const atMs = this.nowMs + Math.max(0, delayMs);
        const entry = { atMs, order: this.#order++, owner, run };
        this.#waiting.push(entry);
        return () => {
          this.#waiting = this.#waiting.filter((other) => other !== entry);
        };
      },
    };
  }

  forget(owner: object): void {
    this.#waiting = this.#waiting.filter((entry) => entry.owner !== owner);
  }

  /** What falls due runs in order, each after `settled` of the one before. */
  async pass(byMs: number, settled: () => Promise<void>): Promise<void> {
    const untilMs = this.nowMs + byMs;
    await settled();
    for (;;) {
      let next: Entry | undefined;
      for (const entry of this.#waiting)
        if (next === undefined || entry.atMs < next.atMs) next = entry;
        else if (entry.atMs === next.atMs && entry.order < next.order) next = entry;
      if (next === undefined || next.atMs > untilMs) break;
      const { run, atMs } = next;
      this.#waiting = this.#waiting.filter((entry) => entry !== next);
      this.nowMs = Math.max(this.nowMs, atMs);
      run();
      await settled();
    }
    this.nowMs = untilMs;
  }
}
