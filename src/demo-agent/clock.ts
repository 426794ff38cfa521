import { setTimeout as delay } from 'node:timers/promises';

export interface Clock {
  /** Milliseconds; only differences mean anything. */
  now(): number;
  /** Rejects when `signal` aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  async sleep(ms, signal) {
    await delay(ms, undefined, { signal });
  },
};
