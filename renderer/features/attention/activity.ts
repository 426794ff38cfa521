import type { Timers } from '../../../src/connection/timers.ts';
import type { SessionId } from '../../../src/protocol/ids.ts';

/** A person is told here while the last touch is no older than this. */
export const ACTIVE_MS = 60_000;
/** However much is typed and moved, the host hears of it this often. */
export const TELL_EVERY_MS = 15_000;

export interface ActivityNeeds {
  readonly timers: Pick<Timers, 'nowMs'>;
  /** The page can be seen; what happens on a hidden one is no person's doing. */
  isVisible(): boolean;
  tell(active: boolean, sessionId: SessionId | null): void;
}

/** Whether a person is at this page: touches say so, and being connected or open says nothing. */
export class Activity {
  readonly #needs: ActivityNeeds;
  #touchedAtMs: number | null = null;
  #toldAtMs: number | null = null;
  #sessionId: SessionId | null = null;
  #toldSession: SessionId | null = null;

  constructor(needs: ActivityNeeds) {
    this.#needs = needs;
  }

  /** Somebody was active within the last minute, and has not gone since. */
  get isActive(): boolean {
    return this.#needs.isVisible() && this.#isWithin(this.#touchedAtMs, ACTIVE_MS);
  }

  /** A key, a tap, a move, a wheel. */
  touched(): void {
    if (!this.#needs.isVisible()) return;
    this.#touchedAtMs = this.#needs.timers.nowMs();
    if (!this.#isWithin(this.#toldAtMs, TELL_EVERY_MS)) this.#tell();
  }

  /** Another session is on screen, or none: told at once, since what waits in it counts as seen there. */
  shows(sessionId: SessionId | null): void {
    this.#sessionId = sessionId;
    if (this.isActive && this.#toldAtMs !== null && sessionId !== this.#toldSession) this.#tell();
  }

  /** Hidden, left or locked: what comes now is to be told elsewhere. */
  gone(): void {
    this.#touchedAtMs = null;
    if (this.#toldAtMs === null) return;
    this.#toldAtMs = null;
    this.#needs.tell(false, null);
  }

  /** A new connection knows nothing of what the last one was told. */
  reconnected(): void {
    this.#toldAtMs = null;
    if (this.#needs.isVisible() && this.#isWithin(this.#touchedAtMs, TELL_EVERY_MS)) this.#tell();
  }

  #tell(): void {
    this.#toldAtMs = this.#needs.timers.nowMs();
    this.#toldSession = this.#sessionId;
    this.#needs.tell(true, this.#sessionId);
  }

  /** Either way: a clock that was set back must not silence the page for hours. */
  #isWithin(atMs: number | null, limitMs: number): boolean {
    return atMs !== null && Math.abs(this.#needs.timers.nowMs() - atMs) < limitMs;
  }
}
