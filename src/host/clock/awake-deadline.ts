import type { Timers } from '../../connection/timers.ts';

/** A busy machine is late by less. */
const LATE_MS = 10_000;

/**
 * Runs `act` after `limitMs` of a machine that was awake: what was to happen in that time could not
 * while it slept, so after a sleep the whole time begins again. Returns its undo.
 */
export function afterAwake(
  limitMs: number,
  act: () => void,
  steadyMs: () => number,
  after: Timers['after'] = unreferenced,
): () => void {
  const startedMs = steadyMs();
  let undo = after(limitMs, () => {
    if (steadyMs() - startedMs > limitMs + LATE_MS)
      undo = afterAwake(limitMs, act, steadyMs, after);
    else act();
  });
  return () => undo();
}

/** A deadline alone keeps no process alive. */
function unreferenced(delayMs: number, run: () => void): () => void {
  const timer = setTimeout(run, delayMs).unref();
  return () => clearTimeout(timer);
}
