/** Time that passes when it is told to. While it is in force nothing in this process waits for real. */
export class VirtualTime {
  nowMs = Date.parse('2026-11-21T20:00:00.000Z');
  #timers: { readonly atMs: number; readonly run: () => void }[] = [];
  readonly #real = { set: globalThis.setTimeout, clear: globalThis.clearTimeout };

  begin(): void {
    const after = (run: () => void, delayMs = 0): object => {
      const timer = { atMs: this.nowMs + delayMs, run };
      this.#timers.push(timer);
      const handle = Object.assign(timer, { unref: () => handle, ref: () => handle });
      return handle;
    };
    const clear = (handle: unknown): void => {
      this.#timers = this.#timers.filter((each) => each !== handle);
    };
    Object.assign(globalThis, { setTimeout: after, clearTimeout: clear });
  }

  end(): void {
    Object.assign(globalThis, { setTimeout: this.#real.set, clearTimeout: this.#real.clear });
    this.#timers = [];
  }

  /** A killed process has no timers. */
  forget(): void {
    this.#timers = [];
  }

  /** What is due runs in its order, each after what the one before has set off. */
  async pass(ms: number, settle: () => Promise<void>): Promise<void> {
    const untilMs = this.nowMs + ms;
    for (;;) {
      let due = this.#timers[0];
      for (const each of this.#timers) if (due === undefined || each.atMs < due.atMs) due = each;
      if (due === undefined || due.atMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, due.atMs);
      const { run } = due;
      this.#timers = this.#timers.filter((each) => each !== due);
      run();
      await settle();
    }
    this.nowMs = untilMs;
  }
}
