/** Time as the relay knows it; tests bring their own. */
export interface Clock {
  /** Milliseconds since some moment, never going back. */
  nowMs(): number;
  /** Calls once, after `delayMs`; the returned function calls it off. */
  after(delayMs: number, act: () => void): () => void;
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  after: (delayMs, act) => {
    const timer = setTimeout(act, delayMs);
    // No timer keeps a relay alive that has nothing else to do.
    timer.unref();
    return () => clearTimeout(timer);
  },
};
