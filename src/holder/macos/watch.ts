import type { LongTool } from '../long-tool.ts';
import { parsePowerLog } from './pmset.ts';
import { type MacosTools, PMSET } from './tools.ts';

/**
 * `pmset -g pslog` says at once when the source of power changes, when the Mac is about to sleep and
 * when it is back; in between it costs nothing. It does not end with its reader, so a shell does that.
 */
const POWER_LOG = `${PMSET} -g pslog & log=$!; read -r _; kill $log`;
const AGAIN_AFTER_MS = 60_000;

/** The machine was away when so much more than that has passed between two looks. */
const AWAY_MS = 10_000;
/** The lid, the heat, the kernel's idea of disablesleep: nothing tells of them. */
const LOOK_EVERY_MS = 30_000;
/** With the lid held: what is behind it has to go dark, and it has to be known that it closed. */
const LID_LOOK_EVERY_MS = 10_000;
/** Bursts of lines are one change. */
const SETTLE_MS = 500;

export interface Watched {
  /** What is held decides how often somebody looks. */
  readonly holding: () => 'nothing' | 'idle' | 'lid';
  readonly sleeping: () => void;
  readonly woke: () => void;
  /** Sensors may read differently. */
  readonly look: () => void;
  /** The lid may have moved. */
  readonly glance: () => void;
  /** Really back, and not for a moment of maintenance in the dark. */
  readonly isAwake: () => Promise<boolean>;
}

/** Returns its end. */
export function watchMac(tools: MacosTools, watched: Watched): () => void {
  const { timers } = tools;
  let hasEnded = false;
  let log: LongTool | null = null;
  let cancelSettle: (() => void) | null = null;
  let cancelNext: () => void = () => {};
  let cancelAgain: () => void = () => {};
  let uptimeMs = tools.uptimeMs();
  let sinceLookMs = 0;
  let isAway = false;

  const soon = (): void => {
    if (cancelSettle !== null) return;
    cancelSettle = timers.after(SETTLE_MS, () => {
      cancelSettle = null;
      watched.look();
    });
  };
  const begin = (): void => {
    log = tools.start('/bin/sh', ['-c', POWER_LOG], {
      line: (text) => {
        const said = parsePowerLog(text);
        if (said === 'sleeping') watched.sleeping();
        else if (said === 'woke') {
          isAway = false;
          watched.woke();
        } else if (said === 'source') soon();
      },
      ended: () => {
        log = null;
        if (!hasEnded) cancelAgain = timers.after(AGAIN_AFTER_MS, begin);
      },
    });
  };
  const back = async (): Promise<void> => {
    if (!(await watched.isAwake()) || !isAway || hasEnded) return;
    isAway = false;
    watched.woke();
  };
  const tick = (): void => {
    const passedMs = tools.uptimeMs() - uptimeMs;
    uptimeMs += passedMs;
    sinceLookMs += passedMs;
    isAway ||= passedMs > LID_LOOK_EVERY_MS + AWAY_MS;
    const holding = watched.holding();
    if (isAway) void back();
    else if (holding !== 'nothing' && sinceLookMs >= LOOK_EVERY_MS) {
      sinceLookMs = 0;
      watched.look();
    } else if (holding === 'lid') watched.glance();
    cancelNext = timers.after(LID_LOOK_EVERY_MS, tick);
  };
  begin();
  cancelNext = timers.after(LID_LOOK_EVERY_MS, tick);
  return () => {
    hasEnded = true;
    cancelNext();
    cancelAgain();
    cancelSettle?.();
    log?.end();
  };
}
