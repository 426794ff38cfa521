import type { SessionSummary } from '../protocol/session/state.ts';

/** Remembered folders first, then those of the host's sessions, newest first; each once. */
export function recentFolders(
  remembered: readonly string[],
  sessions: readonly SessionSummary[],
): string[] {
  const used = sessions
    .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))
    .map((session) => session.cwd);
  return [...new Set([...remembered, ...used])];
}
