import type { Timers } from '../connection/timers.ts';

/** What asks the platform is given up after this. */
export const TOOL_LIMIT_MS = 10_000;

/** {@link withDeadline} on a clock of ours. The promise goes on: its end is told to `onLate`. */
export async function limited<T>(
  timers: Timers,
  promise: Promise<T>,
  what: string,
  { limitMs = TOOL_LIMIT_MS, onLate }: { limitMs?: number; onLate?: () => void } = {},
): Promise<T> {
  let isLate = false;
  return await new Promise<T>((resolve, reject) => {
    const stop = timers.after(limitMs, () => {
      isLate = true;
      reject(new Error(`${what} did not answer within ${limitMs / 1_000} s`));
    });
    promise
      .then(resolve, reject)
      .finally(() => {
        stop();
        if (isLate) onLate?.();
      })
      .catch(() => {});
  });
}
