import { RpcFailure } from '../../protocol/errors.ts';
import type { SessionState } from '../../protocol/session/state.ts';
import type { WorktreeOrigin } from '../../protocol/session/workspace.ts';

/** A session whose worktree was thrown away can be read, and not worked with. */
export function discarded({ id }: Pick<SessionState, 'id'>): RpcFailure {
  return new RpcFailure('refused', `The worktree of ${id} was discarded: start a new session.`, {
    kind: 'discarded',
  });
}

export interface OwnWorktree {
  readonly id: SessionState['id'];
  readonly title: string;
  readonly worktree: string;
  readonly origin: WorktreeOrigin;
  readonly worktreeState: 'planned' | 'made' | 'landed';
}

/** The session as one with a worktree that stands, else a refusal in words. */
export function withWorktree(state: SessionState): OwnWorktree {
  const { id, title, worktree, origin, worktreeState } = state;
  if (worktree === null || origin === null || worktreeState === null)
    throw new RpcFailure(
      'refused',
      `${id} has no worktree of its own: it works in ${state.cwd} itself, where git shows its changes.`,
      { kind: 'noWorktree' },
    );
  if (worktreeState === 'discarded') throw discarded(state);
  return { id, title, worktree, origin, worktreeState };
}

/** Throws unless the session's agent rests, so that nothing changes beneath what is being done. */
export function checkRest({ id, state, queue, held }: SessionState, what: string): void {
  const waits = queue.length > 0 && !held;
  if (state !== 'starting' && state !== 'working' && state !== 'waiting' && !waits) return;
  throw new RpcFailure(
    'refused',
    `The session ${id} is ${state}: its work cannot be ${what} now. Wait until it is idle, or cancel the turn first (porchlight cancel ${id}).`,
    { kind: 'busy' },
  );
}

export function short(commit: string): string {
  return commit.slice(0, 12);
}
