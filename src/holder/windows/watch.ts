import type { PowerChild } from './power-child.ts';
import type { WindowsTools } from './tools.ts';

const TICK_MS = 10_000;
/** The machine was away when so much more than that has passed between two looks. */
const AWAY_MS = 10_000;
/** Heat is told by nobody. */
const HEAT_EVERY_MS = 60_000;
/** Bursts are one change. */
const SETTLE_MS = 500;

export interface WatchedWindows {
  readonly isHolding: () => boolean;
  readonly sensors: () => void;
  readonly changed: () => void;
  readonly sleeping: () => void;
  readonly woke: () => void;
}

/** Ends the PowerShell at its end. On Modern Standby nothing is told of sleep: there the clock says it. */
export function watchWindows(
  tools: WindowsTools,
  child: PowerChild,
  watched: WatchedWindows,
): () => void {
  const { timers } = tools;
  let cancelSettle: (() => void) | null = null;
  const soon = (): void => {
    if (cancelSettle !== null) return;
    cancelSettle = timers.after(SETTLE_MS, () => {
      cancelSettle = null;
      watched.sensors();
    });
  };
  const forget = child.told.on((word) => {
    if (word === 'sleeping') watched.sleeping();
    else if (word === 'woke') watched.woke();
    else if (word === 'scheme') watched.changed();
    else soon();
  });
  let uptimeMs = tools.uptimeMs();
  let sinceHeatMs = 0;
  let cancelTick = (): void => {};
  const tick = (): void => {
    const passedMs = tools.uptimeMs() - uptimeMs;
    uptimeMs += passedMs;
    sinceHeatMs += passedMs;
    if (passedMs > TICK_MS + AWAY_MS) watched.woke();
    else if (watched.isHolding() && sinceHeatMs >= HEAT_EVERY_MS) {
      sinceHeatMs = 0;
      watched.sensors();
    }
    cancelTick = timers.after(TICK_MS, tick);
  };
  cancelTick = timers.after(TICK_MS, tick);
  return () => {
    forget();
    cancelTick();
    cancelSettle?.();
    child.end();
  };
}
