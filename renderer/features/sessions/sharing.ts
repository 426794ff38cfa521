import type { SessionId } from '../../../src/protocol/ids.ts';
import type { SessionState, SessionSummary } from '../../../src/protocol/session/state.ts';

type Placed = Pick<SessionState, 'id' | 'cwd' | 'worktree'>;

/** Sessions that may write where this one does: in its folder, inside it or above it. */
export function sharesWith(
  session: Placed,
  sessions: readonly SessionSummary[],
): readonly SessionSummary[] {
  const here = placeOf(session);
  return sessions.filter(
    (other) =>
      other.id !== session.id &&
      !other.archived &&
      other.state !== 'ended' &&
      other.worktreeState !== 'discarded' &&
      (isWithin(here, placeOf(other)) || isWithin(placeOf(other), here)),
  );
}

/** All that work where another one does; of an ended one nobody needs to know. */
export function sharedOf(sessions: readonly SessionSummary[]): ReadonlySet<SessionId> {
  return new Set(
    sessions
      .filter(
        (session) =>
          !session.archived &&
          session.state !== 'ended' &&
          (session.shared || sharesWith(session, sessions).length > 0),
      )
      .map(({ id }) => id),
  );
}

function placeOf({ worktree, cwd }: Placed): string {
  return worktree ?? cwd;
}

function isWithin(inner: string, outer: string): boolean {
  return (
    inner === outer || inner.startsWith(/[\\/]$/.test(outer) ? outer : outer + separator(outer))
  );
}

function separator(path: string): string {
  return path.includes('\\') && !path.includes('/') ? '\\' : '/';
}
