import type { SessionState } from '../../protocol/session/state.ts';
import type { LogWriter } from '../event-log/event-log.ts';

/**
 * A turn whose process is not there any more was cut short with the machine or the keeper. Returns
 * whether there was one.
 */
export function closeOrphanedTurn(
  tx: LogWriter,
  { id, turn, openTools, approvals, allowed }: SessionState,
): boolean {
  for (const approval of approvals)
    tx.append(id, { type: 'approval.closed', approvalId: approval.id, reason: 'agentGone' });
  if (turn === null || turn.endedAt !== null) return false;
  for (const toolCallId of openTools)
    tx.append(id, { type: 'tool.updated', toolCallId, status: 'failed' });
  for (const { approvalId } of allowed)
    tx.append(id, { type: 'approval.finished', approvalId, failed: true });
  tx.append(id, { type: 'turn.ended', turn: turn.turn, outcome: 'interrupted' });
  return true;
}
