import { CLOSE_MOVE } from '../protocol/relay.ts';

/** RFC 6455 §7.4.1: an endpoint is going away. */
const GOING_AWAY = 1001;
const SOONEST_MS = 50;
/** Others are sent away at the same moment: they come back over this time, and not all at once. */
const SPREAD_MS = 500;
/** Sent on again sooner than this, one has found no place yet: that is a failure as others are. */
const SETTLED_MS = 10_000;

/** The relay sends its clients away for its own sake: nothing is wrong with the way or with them. */
export function isMove(code: number | null): boolean {
  return code === CLOSE_MOVE || code === GOING_AWAY;
}

/** When to dial again after a move. */
export class Moves {
  #lastAtMs: number | null = null;

  /** null: it is to be taken as a failure. `random` is in [0, 1). */
  delayMs(nowMs: number, random: number): number | null {
    const agoMs = this.#lastAtMs === null ? null : nowMs - this.#lastAtMs;
    this.#lastAtMs = nowMs;
    // A clock that went back says nothing.
    if (agoMs !== null && agoMs >= 0 && agoMs < SETTLED_MS) return null;
    return Math.round(SOONEST_MS + SPREAD_MS * random);
  }
}
