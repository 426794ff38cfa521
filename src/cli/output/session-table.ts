import { sharedWith } from '../../protocol/session/sharing.ts';
import type { SessionSummary } from '../../protocol/session/state.ts';
import { table } from './table.ts';
import { ago } from './text.ts';

export interface TableView {
  readonly nowMs: number;
  readonly columns: number | undefined;
  /** What more is known of how a session stands: "hangs for 4 min". */
  more?(session: SessionSummary): string | null;
}

/** The contract's row; what the host tells beyond it is for other surfaces. */
export function rowOf(summary: SessionSummary) {
  const { id, agent, title, cwd, worktree, state, mode, approvals, lastSeq, createdAt, updatedAt } =
    summary;
  return { id, agent, title, cwd, worktree, state, mode, approvals, lastSeq, createdAt, updatedAt };
}

/** As `ls --json` lists them. */
export function sessionRows(sessions: readonly SessionSummary[]) {
  return sessions.map((session) => ({
    ...rowOf(session),
    sharedWith: idsSharedWith(session, sessions),
  }));
}

/** `all`: those that a folder may be shared with, where not all of them are shown. */
export function sessionTable(
  sessions: readonly SessionSummary[],
  { nowMs, columns, more }: TableView,
  all = sessions,
): string {
  if (sessions.length === 0) return 'No sessions. Start one with: porchlight start "what to do"';
  const rows = sessions.map((session) => [
    session.id,
    [standingText(session), more?.(session) ?? null].filter((part) => part !== null).join(', '),
    session.agent,
    session.mode ?? 'other',
    ago(session.updatedAt, nowMs),
    folderText(session, all),
    session.title,
  ]);
  return table(['ID', 'STATE', 'AGENT', 'MODE', 'CHANGED', 'FOLDER', 'TITLE'], rows, columns);
}

function idsSharedWith(session: SessionSummary, all: readonly SessionSummary[]): string[] {
  return sharedWith(session, all).map(({ id }) => id);
}

/** The folder, and whom it is shared with. */
function folderText(session: SessionSummary, all: readonly SessionSummary[]): string {
  const folder = session.worktree ?? session.cwd;
  if (session.worktreeState === 'discarded') return `${folder} (discarded)`;
  const others = idsSharedWith(session, all);
  return others.length === 0 ? folder : `${folder} (shared with ${others.join(', ')})`;
}

/** The state, and what a person would ask next about it. */
function standingText({ state, approvals, archived, parked, interrupted }: SessionSummary): string {
  if (approvals > 0) return `${state} (${approvals})`;
  if (archived) return `${state}, archived`;
  if (parked !== null) return `parked until ${new Date(parked.until).toLocaleString()}`;
  return interrupted ? `${state}, cut short` : state;
}
