import type { SessionId } from '../../protocol/ids.ts';
import type { SessionState } from '../../protocol/session/state.ts';
import type { WorktreeOrigin } from '../../protocol/session/workspace.ts';

export interface WantedPlace {
  /** Real path. */
  readonly cwd: string;
  /** Null: what config.json says, else a worktree where there is git. */
  readonly isolate: 'worktree' | 'none' | null;
  readonly share: boolean;
  readonly title: string;
}

/** Where a new session works. */
export interface Place {
  readonly cwd: string;
  /** Made by {@link Places.ensure}, later. */
  readonly worktree: string | null;
  readonly origin?: WorktreeOrigin;
  /** The person has allowed others to work there too. */
  readonly shared: boolean;
}

/** What sessions ask of whoever finds and makes the folders they work in; see src/host/worktrees. */
export interface Places {
  /**
   * Looks, and changes nothing. What it returns settles the place against all sessions, inside the
   * transaction that creates the session. Both throw an `RpcFailure` in words.
   */
  plan(wanted: WantedPlace): Promise<(sessions: Iterable<SessionState>) => Place>;
  /** The folder is there afterwards; may take minutes. Throws an `RpcFailure` in words. */
  ensure(state: SessionState): Promise<void>;
  /** Throws when a session without an agent may not come back to its place. */
  checkReturn(state: SessionState): void;
  /** Its worktree is being landed or discarded: no turn may begin. */
  isBusy(id: SessionId): boolean;
}
