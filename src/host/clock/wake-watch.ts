import type { ClockSources } from './clock.ts';

/** Not less: a host that nobody uses wakes the processor this often. */
const LOOK_MS = 10_000;
/** A busy machine is late by less. */
const AWAY_MS = 10_000;
/** The clock is corrected by less than this all the time. */
const SET_MS = 10_000;

export interface Gap {
  /** How long nothing of this process ran: the machine slept, or the process was stopped. */
  readonly awayMs: number;
  /** By how much the wall clock was set, forward or back. */
  readonly clockSetMs: number;
}

/**
 * Sees by the clocks that the machine slept or that somebody set its clock, on every system the same
 * way: what a look expects to have passed is compared with what has. Returns its end.
 */
export function watchWaking(
  sources: ClockSources,
  repeat: typeof every,
  woke: (gap: Gap) => void,
): () => void {
  let wallMs = sources.wallMs();
  let uptimeMs = sources.uptimeMs();
  return repeat(LOOK_MS, () => {
    const [wall, uptime] = [sources.wallMs(), sources.uptimeMs()];
    const passedMs = uptime - uptimeMs;
    const gap: Gap = {
      awayMs: Math.round(Math.max(0, passedMs - LOOK_MS)),
      clockSetMs: Math.round(wall - wallMs - passedMs),
    };
    [wallMs, uptimeMs] = [wall, uptime];
    if (gap.awayMs > AWAY_MS || Math.abs(gap.clockSetMs) > SET_MS) woke(gap);
  });
}

/** Again and again, and no reason to keep a process alive. Returns its end. */
export function every(delayMs: number, look: () => void): () => void {
  const timer = setInterval(look, delayMs).unref();
  return () => clearInterval(timer);
}
