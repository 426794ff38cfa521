import { z } from 'zod';
import type { SessionId } from '../../protocol/ids.ts';
import type { Rule } from '../../protocol/rules/rule.ts';
import type { Store, Writer } from '../event-log/store.ts';

const USES = 'rules.uses';
const TIMES = 'rules.times';
const DAY_MS = 24 * 3_600_000;
/** What is remembered of a grant that stands in no file any more. */
const FORGET_MS = 30 * DAY_MS;

const usesSchema = z.record(z.string(), z.number().int().nonnegative());
const timesSchema = z.record(
  z.string(),
  z.object({ seenMs: z.number(), endedMs: z.number().optional() }),
);

/** Whether a rule holds now. */
export interface Standing {
  /** Why not, in words; null: it is in force. */
  readonly ended: string | null;
  /** Since when not, by the host's clock. */
  readonly endedMs: number | null;
  /** Of one that ends after so many calls. */
  readonly usesLeft?: number;
}

export interface GrantsNeeds {
  readonly store: Pick<Store, 'meta'>;
  /** Not inside a transaction. */
  readonly commit: (work: (tx: Pick<Writer, 'putMeta'>) => void) => void;
  readonly clock: { wallMs(): number; steadyMs(): number };
  /** `ended`: it may be resumed, which brings no grant back. */
  readonly session: (id: SessionId) => 'there' | 'ended' | 'gone';
}

interface Times {
  seenMs: number;
  endedMs?: number;
  /** Reading of the steady clock that belongs to `seenMs`; absent: from before this host. */
  steadyMs?: number;
}

const IN_FORCE: Standing = { ended: null, endedMs: null };

/** Rules that end: by time, after so many calls, or with a session. What has ended stays so. */
export class Grants {
  readonly #needs: GrantsNeeds;
  readonly #times: Map<string, Times>;
  #unsaved = false;

  constructor(needs: GrantsNeeds) {
    this.#needs = needs;
    const text = needs.store.meta(TIMES);
    this.#times = new Map(Object.entries(text === null ? {} : timesSchema.parse(JSON.parse(text))));
  }

  /** Also inside a transaction: it sees the uses that this one has counted. */
  standing(id: string, rule: Rule): Standing {
    const { until, uses, session } = rule;
    if (until === undefined && uses === undefined && session === undefined) return IN_FORCE;
    const nowMs = this.#nowFor(id);
    const usesLeft = uses === undefined ? undefined : Math.max(0, uses - (this.#uses()[id] ?? 0));
    const ended =
      this.#endOfTime(until, nowMs) ?? endOfUses(usesLeft, uses) ?? this.#endOfSession(rule);
    const times = this.#times.get(id);
    const left = usesLeft === undefined ? {} : { usesLeft };
    if (times?.endedMs !== undefined)
      return { ended: ended ?? 'it has ended', endedMs: times.endedMs, ...left };
    if (ended === null) return { ...IN_FORCE, ...left };
    // A use is counted in a transaction that may fail; what it has ended is noted when that is done.
    if (times !== undefined && usesLeft !== 0) {
      times.endedMs = nowMs;
      this.#unsaved = true;
    }
    return { ended, endedMs: nowMs, ...left };
  }

  /**
   * Counts one call in the transaction of its decision. False: none is left, so the rule does not
   * decide this one.
   */
  used(tx: Pick<Writer, 'putMeta'>, id: string, rule: Rule): boolean {
    const { ended, usesLeft } = this.standing(id, rule);
    if (ended !== null) return false;
    if (usesLeft === undefined) return true;
    const uses = this.#uses();
    tx.putMeta(USES, JSON.stringify({ ...uses, [id]: (uses[id] ?? 0) + 1 }));
    return true;
  }

  /**
   * For now and then: keeps what was seen, so that no clock that is set back brings a grant back to the
   * next host, and forgets what stands in no file for long. `rules`: all that stand in one now.
   */
  note(rules: ReadonlyMap<string, Rule>): void {
    for (const [id, rule] of rules) {
      const { ended, endedMs } = this.standing(id, rule);
      const times = this.#times.get(id);
      if (times === undefined || ended === null) continue;
      if (times.endedMs === undefined && endedMs !== null) {
        times.endedMs = endedMs;
        this.#unsaved = true;
      }
    }
    const { wallMs } = this.#needs.clock;
    const isOld = ([id, { seenMs }]: [string, Times]) =>
      !rules.has(id) && wallMs() - seenMs > FORGET_MS;
    const old = [...this.#times].filter(isOld).map(([id]) => id);
    for (const id of old) this.#times.delete(id);
    if (!this.#unsaved && old.length === 0) return;
    const uses = this.#uses();
    const hadUses = old.some((id) => id in uses);
    for (const id of old) delete uses[id];
    const kept = [...this.#times].map(([id, { seenMs, endedMs }]) => [
      id,
      { seenMs, ...(endedMs !== undefined && { endedMs }) },
    ]);
    this.#needs.commit((tx) => {
      tx.putMeta(TIMES, JSON.stringify(Object.fromEntries(kept)));
      if (hadUses) tx.putMeta(USES, JSON.stringify(uses));
    });
    this.#unsaved = false;
  }

  /**
   * The time by which one grant ends. It never goes back for a grant that has been seen, not even with
   * the clock on the wall; and a clock that was far ahead once ends no grant that is made later.
   */
  #nowFor(id: string): number {
    const { clock } = this.#needs;
    const wallMs = clock.wallMs();
    const steadyMs = clock.steadyMs();
    const times = this.#times.get(id);
    if (times === undefined) {
      this.#times.set(id, { seenMs: wallMs, steadyMs });
      this.#unsaved = true;
      return wallMs;
    }
    const passedMs = times.steadyMs === undefined ? 0 : Math.max(0, steadyMs - times.steadyMs);
    const seenMs = Math.max(wallMs, times.seenMs + passedMs);
    if (seenMs !== times.seenMs && times.endedMs === undefined) this.#unsaved = true;
    times.seenMs = seenMs;
    times.steadyMs = steadyMs;
    return seenMs;
  }

  #endOfTime(until: string | undefined, nowMs: number): string | null {
    if (until === undefined || nowMs < Date.parse(until)) return null;
    return `it ended at ${new Date(until).toISOString()}`;
  }

  #endOfSession({ session, decision }: Rule): string | null {
    if (session === undefined) return null;
    const state = this.#needs.session(session);
    if (state === 'gone') return `its session ${session} is gone`;
    // What denies or asks goes on to do so when the session is resumed.
    return state === 'ended' && decision === 'allow' ? `its session ${session} has ended` : null;
  }

  #uses(): Record<string, number> {
    const text = this.#needs.store.meta(USES);
    return text === null ? {} : usesSchema.parse(JSON.parse(text));
  }
}

function endOfUses(usesLeft: number | undefined, uses: number | undefined): string | null {
  if (usesLeft !== 0 || uses === undefined) return null;
  return uses === 1 ? 'its one call was made' : `its ${uses} calls were made`;
}
