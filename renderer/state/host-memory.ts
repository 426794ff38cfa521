import type { Epoch, SessionId } from '../../src/protocol/ids.ts';
import type { FollowResult, Result } from '../../src/protocol/methods.ts';
import type { SessionEvent } from '../../src/protocol/session/events.ts';
import type { SessionState } from '../../src/protocol/session/state.ts';

/** A session as a surface kept it: shown at once, and gone on with from its last event. */
export interface KeptSession {
  /** null: to be shown, not to be continued from. */
  readonly epoch: Epoch | null;
  /** The fold up to the last of `events`. */
  readonly state: SessionState;
  readonly events: readonly SessionEvent[];
  /** seq of the newest event before `events`; 0: none. */
  readonly earlier: number;
}

/**
 * What a surface keeps of a host beyond the page's life; a window beside its host keeps nothing.
 * The calls of one session come in order; none of them may hold up what is on screen.
 */
export interface HostMemory {
  load(sessionId: SessionId): Promise<KeptSession | null>;
  desk(desk: Result<'desk.follow'>): void;
  followed(sessionId: SessionId, result: FollowResult): void;
  /** `state` is the fold after `events`. */
  events(sessionId: SessionId, events: readonly SessionEvent[], state: SessionState): void;
  /** The host no longer has it. */
  forgotten(sessionId: SessionId): void;
}
