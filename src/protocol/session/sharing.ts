import type { SessionSummary } from './state.ts';

/** What of a session says where it works, and whether it does. */
export type Placed = Pick<
  SessionSummary,
  'id' | 'cwd' | 'worktree' | 'worktreeState' | 'state' | 'archived'
>;

/**
 * The sessions that work where this one works: in the same folder, or inside or above it. One with
 * a worktree of its own shares only with those that were started inside that worktree. Empty for a
 * session that does not work any more. Paths must be real ones (links and letter case resolved).
 */
export function sharedWith<S extends Placed>(session: Placed, all: Iterable<S>): S[] {
  if (!isAtWork(session)) return [];
  return [...all].filter(
    (other) => other.id !== session.id && isAtWork(other) && overlap(session, other),
  );
}

/** Ended, archived and failed ones have no agent: they are asked again when they come back. */
export function isAtWork({ state, archived, worktreeState }: Placed): boolean {
  return !archived && state !== 'ended' && state !== 'failed' && worktreeState !== 'discarded';
}

function overlap(a: Placed, b: Placed): boolean {
  if (a.worktree !== null && b.worktree !== null) return a.worktree === b.worktree;
  if (a.worktree !== null) return isInside(b.cwd, a.worktree);
  if (b.worktree !== null) return isInside(a.cwd, b.worktree);
  return isInside(a.cwd, b.cwd) || isInside(b.cwd, a.cwd);
}

const WINDOWS_PATH = /^(?:[a-z]:[\\/]|\\\\)/iu;

/** Whether `path` is `folder` or lies inside it; both absolute and real. */
export function isInside(path: string, folder: string): boolean {
  const separator = WINDOWS_PATH.test(folder) ? '\\' : '/';
  const above = folder.endsWith(separator) ? folder : folder + separator;
  return path === folder || path.startsWith(above);
}
