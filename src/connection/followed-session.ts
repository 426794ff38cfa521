import type { Epoch, SessionId } from '../protocol/ids.ts';
import { ACK_EVERY_EVENTS, ACK_EVERY_MS } from '../protocol/limits.ts';
import type { FollowResult } from '../protocol/methods.ts';
import type { SessionEvent } from '../protocol/session/events.ts';
import type { Timers } from './timers.ts';

/** What a batch of events is for a surface that has everything up to its cursor. */
export type Taken =
  | { readonly kind: 'events'; readonly events: readonly SessionEvent[] }
  /** Something is missing in between: the surface must follow again from its cursor. */
  | { readonly kind: 'gap' };

/** What a surface has of a session: all up to `cursor`, of this epoch. */
export interface Position {
  readonly epoch: Epoch;
  readonly cursor: number;
}

/**
 * How far a surface has come in one session: drops what it has seen, notices what is missing, and
 * acknowledges after ACK_EVERY_EVENTS events or ACK_EVERY_MS, whichever comes first.
 */
export class FollowedSession {
  readonly sessionId: SessionId;
  readonly #timers: Timers;
  readonly #acknowledge: (seq: number) => void;
  #epoch: Epoch | undefined;
  #cursor = 0;
  #acknowledged = 0;
  #cancelTimer: (() => void) | null = null;

  /** `from`: where a surface that kept the session goes on. */
  constructor(
    sessionId: SessionId,
    timers: Timers,
    acknowledge: (seq: number) => void,
    from?: Position,
  ) {
    this.sessionId = sessionId;
    this.#timers = timers;
    this.#acknowledge = acknowledge;
    if (from === undefined) return;
    this.#epoch = from.epoch;
    this.#cursor = from.cursor;
    this.#acknowledged = from.cursor;
  }

  /** What to send with `session.follow`; without an epoch there is nothing to continue from. */
  get position(): { epoch?: Epoch; cursor?: number } {
    return this.#epoch === undefined ? {} : { epoch: this.#epoch, cursor: this.#cursor };
  }

  /** The host's answer to `session.follow`; it counts as acknowledged. */
  restart(result: FollowResult): void {
    this.#stopTimer();
    this.#epoch = result.epoch;
    this.#cursor = result.state.lastSeq;
    this.#acknowledged = this.#cursor;
  }

  take(events: readonly SessionEvent[]): Taken {
    const fresh = events.filter((event) => event.seq > this.#cursor);
    const last = fresh.at(-1);
    if (last === undefined) return { kind: 'events', events: [] };
    let expected = this.#cursor + 1;
    for (const event of fresh) {
      // A merged event that reaches back over the cursor cannot be cut; it is fetched again.
      if ((event.from ?? event.seq) !== expected) return { kind: 'gap' };
      expected = event.seq + 1;
    }
    this.#cursor = last.seq;
    this.#plan();
    return { kind: 'events', events: fresh };
  }

  stop(): void {
    this.#stopTimer();
  }

  #plan(): void {
    if (this.#cursor - this.#acknowledged >= ACK_EVERY_EVENTS) return this.#flush();
    this.#cancelTimer ??= this.#timers.after(ACK_EVERY_MS, () => this.#flush());
  }

  #flush(): void {
    this.#stopTimer();
    if (this.#cursor === this.#acknowledged) return;
    this.#acknowledged = this.#cursor;
    this.#acknowledge(this.#cursor);
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }
}
