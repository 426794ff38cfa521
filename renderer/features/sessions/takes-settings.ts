import type { SessionState } from '../../../src/protocol/session/state.ts';

/** Whether the host takes another mode now: for an agent that does not run it is kept until it starts. */
export function takesMode(state: SessionState): boolean {
  return state.instance !== null || (isUsable(state) && state.state !== 'starting');
}

/** Whether the host takes another setting now: one at rest is woken for it, as it alone knows what it means. */
export function takesOption(state: SessionState): boolean {
  const isAtRest = state.state === 'idle' && state.agentSession !== null;
  return state.instance !== null || (isUsable(state) && isAtRest);
}

function isUsable({ archived, worktreeState }: SessionState): boolean {
  return !archived && worktreeState !== 'discarded';
}
