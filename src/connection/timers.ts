/** Time, so that tests can turn the clock themselves. `after` returns its own undo. */
export interface Timers {
  nowMs(): number;
  after(delayMs: number, run: () => void): () => void;
}

export const systemTimers: Timers = {
  nowMs: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
