import type { SessionId } from '../../protocol/ids.ts';

const DAY_MS = 24 * 3_600_000;
/** Looks are a day apart; a machine that slept over one is no reason to doubt its clock. */
const SHORTEST_JUMP_MS = 2 * DAY_MS;

export interface KeptSession {
  readonly id: SessionId;
  readonly archived: boolean;
  /** Stamp of its newest event: it was archived then or earlier. */
  readonly updatedAtMs: number;
}

export interface Look {
  readonly sessions: readonly KeptSession[];
  readonly nowMs: number;
  /** When the last look was, by the clock of then; null when there was none. */
  readonly lastLookMs: number | null;
  /** 0: nothing is ever forgotten. */
  readonly keepDays: number;
}

/**
 * Which sessions are to be forgotten now. What is forgotten is gone, so the clock has to be
 * credible: not before what is on record, and not so far from the last look that a session which was
 * young then would go now. After such a jump the next look, a day later by the same clock, decides.
 */
export function dueForForgetting({ sessions, nowMs, lastLookMs, keepDays }: Look): {
  clock: 'credible' | 'behind' | 'jumped';
  due: SessionId[];
} {
  const keepMs = keepDays * DAY_MS;
  const newestMs = sessions.reduce((newest, each) => Math.max(newest, each.updatedAtMs), 0);
  if (nowMs < newestMs || nowMs < (lastLookMs ?? 0)) return { clock: 'behind', due: [] };
  if (lastLookMs === null || nowMs - lastLookMs > Math.max(keepMs, SHORTEST_JUMP_MS))
    return { clock: 'jumped', due: [] };
  if (keepDays === 0) return { clock: 'credible', due: [] };
  const due = sessions.filter((each) => each.archived && nowMs - each.updatedAtMs > keepMs);
  return { clock: 'credible', due: due.map(({ id }) => id) };
}
