import type { Logger } from '../../base/log.ts';
import type { Emitter } from '../../base/emitter.ts';
import type { Timers } from '../../connection/timers.ts';
import type { SessionId } from '../../protocol/ids.ts';
import type { SessionState, SessionStateName } from '../../protocol/session/state.ts';
import type { Store } from '../event-log/store.ts';
import { StoreFull } from '../event-log/store.ts';
import { dueForForgetting } from './due-for-forgetting.ts';

export const KEEP_ARCHIVED_DAYS = 30;

/** Restoring sessions, and whoever opens a window, come first. */
const FIRST_LOOK_MS = 60_000;
/** Timers stand still while the machine sleeps, so whether a day is over is asked more often. */
const LOOK_MS = 3_600_000;
const DAY_MS = 24 * LOOK_MS;
/** One piece of work, and the pause after it in which everybody else gets on. */
const PIECE_MS = 8;
const PAUSE_MS = 25;

const BUSY: ReadonlySet<SessionStateName> = new Set(['starting', 'working', 'waiting']);

const LAST_LOOK = 'retention.lookedAtMs';

export interface RetentionNeeds {
  readonly log: {
    readonly forgotten: Pick<Emitter<SessionId>, 'on'>;
    states(): ReadonlyMap<SessionId, SessionState>;
    state(id: SessionId): SessionState | null;
    forget(id: SessionId): void;
  };
  readonly store: Pick<Store, 'commit' | 'meta' | 'upkeep' | 'compact'>;
  readonly timers: Timers;
  readonly logger: Logger;
  keepDays(): number;
  /** Why it must not be forgotten yet, in words that end a sentence; null when it may. */
  mayNotForget(state: SessionState): string | null;
  /** Whatever else has grown old in a day. */
  trimOthers(): void;
  /** Sessions that are old enough and stay all the same, for people; null when there are none. */
  tellKept(message: string | null): void;
}

/**
 * Forgets what was archived long ago, and gives the room back to the disk: a look a day, the work in
 * small pieces. Killed in the middle, it goes on at the next start.
 */
export class Retention {
  readonly #needs: RetentionNeeds;
  #due: SessionId[] = [];
  #isWorking = false;
  #callOff: () => void;
  #callOffWork: () => void = () => {};

  constructor(needs: RetentionNeeds) {
    this.#needs = needs;
    this.#callOff = needs.timers.after(FIRST_LOOK_MS, () => this.#look());
  }

  close(): void {
    this.#callOff();
    this.#callOffWork();
  }

  #look(): void {
    this.#callOff = this.#needs.timers.after(LOOK_MS, () => this.#look());
    try {
      if (this.#isDayOver()) this.#due = this.#findDue();
    } catch (error) {
      this.#failed(error);
    }
    // Also where a host that was killed has left off.
    if (!this.#isWorking) this.#work();
  }

  #isDayOver(): boolean {
    const last = this.#lastLookMs();
    return last === null || Math.abs(this.#needs.timers.nowMs() - last) >= DAY_MS;
  }

  #lastLookMs(): number | null {
    const text = this.#needs.store.meta(LAST_LOOK);
    return text === null ? null : Number(text);
  }

  #findDue(): SessionId[] {
    const { log, store, timers, logger } = this.#needs;
    const nowMs = timers.nowMs();
    const { clock, due } = dueForForgetting({
      sessions: [...log.states().values()].map(({ id, archived, updatedAt }) => ({
        id,
        archived,
        updatedAtMs: Date.parse(updatedAt),
      })),
      nowMs,
      lastLookMs: this.#lastLookMs(),
      keepDays: this.#needs.keepDays(),
    });
    this.#needs.trimOthers();
    store.commit((writer) => writer.putMeta(LAST_LOOK, String(nowMs)));
    if (clock !== 'credible') {
      logger.info({ clock }, 'nothing is forgotten before the clock has been right for a day');
      return [];
    }
    const kept = due.flatMap((id) => this.#reasonToKeep(id) ?? []);
    this.#needs.tellKept(kept.length === 0 ? null : keptMessage(kept));
    return due.filter((id) => this.#reasonToKeep(id) === null);
  }

  #reasonToKeep(id: SessionId): string | null {
    const state = this.#needs.log.state(id);
    if (state === null || !state.archived) return 'it is archived no more';
    return this.#needs.mayNotForget(state);
  }

  /** One piece; the next one after a pause, until nothing is left. */
  #work(): void {
    const { log, store, timers, logger } = this.#needs;
    try {
      const next = this.#due.shift();
      if (next !== undefined) {
        // It may have been brought back since the look.
        if (this.#reasonToKeep(next) === null) {
          log.forget(next);
          logger.info({ sessionId: next }, 'an archived session was forgotten');
        }
      } else if (store.upkeep(PIECE_MS) === 'done') {
        this.#isWorking = false;
        this.#compact();
        return;
      }
    } catch (error) {
      return this.#failed(error);
    }
    this.#isWorking = true;
    this.#callOffWork = timers.after(PAUSE_MS, () => this.#work());
  }

  #compact(): void {
    const { log, store, logger } = this.#needs;
    if ([...log.states().values()].some(({ state }) => BUSY.has(state))) return;
    store.compact().then(
      (done) => {
        if (done) logger.info({}, 'the history was compacted');
      },
      (error: unknown) => this.#failed(error),
    );
  }

  /** What is left is there at the next look. */
  #failed(error: unknown): void {
    this.#due = [];
    this.#isWorking = false;
    if (error instanceof StoreFull)
      this.#needs.logger.warn({ err: error }, 'no room to clear away what was forgotten');
    else this.#needs.logger.error({ err: error }, 'what was forgotten could not be cleared away');
  }
}

function keptMessage(reasons: readonly string[]): string {
  const [first = ''] = reasons;
  const all = reasons.every((reason) => reason === first) ? first : 'they are still needed';
  return reasons.length === 1
    ? `One session that was archived long ago is kept, because ${first}.`
    : `${reasons.length} sessions that were archived long ago are kept, because ${all}.`;
}

/** Until its worktree is gone a session is the way to what lies there; its agent needs it anyway. */
export function mayNotForget(state: SessionState): string | null {
  if (state.instance !== null) return 'its agent is running';
  return state.worktreeState === 'planned' || state.worktreeState === 'made'
    ? 'its worktree may hold work that was not landed (land or discard it first)'
    : null;
}
