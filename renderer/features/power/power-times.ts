import type { Hold, PowerState } from '../../../src/protocol/power.ts';

/** `8 s`, `12 min`, `3 h 04 min`: how long a hold is there; `toldMs` ago its age was told. */
export function holdAge({ ageSec }: Hold, toldMs: number): string {
  const seconds = Math.floor(ageSec + toldMs / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** A person has this long to call a sleep off. */
const SLEEP_NOTICE_SEC = 30;

/**
 * Seconds until the machine is put to sleep; null when it is not about to. Where this page's clock cannot be
 * that of the machine, they count from when it was told.
 */
export function secondsToSleep(
  { sleepsAt }: Pick<PowerState, 'sleepsAt'>,
  nowMs: number,
  toldMs: number,
): number | null {
  if (sleepsAt === null) return null;
  const byClock = (Date.parse(sleepsAt) - nowMs) / 1_000;
  const byTelling = SLEEP_NOTICE_SEC - toldMs / 1_000;
  const left =
    byClock > SLEEP_NOTICE_SEC || byClock < byTelling - SLEEP_NOTICE_SEC ? byTelling : byClock;
  return Math.max(0, Math.ceil(left));
}
