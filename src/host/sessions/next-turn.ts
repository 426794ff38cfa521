import type { QueuedPrompt, SessionState } from '../../protocol/session/state.ts';

/** The prompt whose turn it is, or null: something runs, nothing waits, or what waits is held. */
export function nextTurn(state: SessionState): (QueuedPrompt & { turn: number }) | null {
  const [next] = state.queue;
  const isRunning = state.turn !== null && state.turn.endedAt === null;
  if (next === undefined || isRunning || state.held || state.archived || state.parked !== null)
    return null;
  return { ...next, turn: (state.turn?.turn ?? 0) + 1 };
}
