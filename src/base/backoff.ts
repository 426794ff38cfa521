export interface BackoffPolicy {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * Delay before retry number `failures` (1 is the first retry): doubles up to `maxMs`, with half of
 * it random so that many clients do not return at the same instant. `random` is in [0, 1).
 */
export function backoffMs(failures: number, policy: BackoffPolicy, random: number): number {
  const full = Math.min(policy.maxMs, policy.firstMs * 2 ** Math.max(0, failures - 1));
  return Math.round(full / 2 + (full / 2) * random);
}
