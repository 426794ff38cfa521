import { useEffect } from 'react';
import type { SessionState } from '../../../src/protocol/session/state.ts';
import { useHost, useWorld } from '../../state/host-context.tsx';

/** A worktree that is there is looked at when it is shown, and again when a turn ends or work lands. */
export function useLooked(state: SessionState): void {
  const { works } = useWorld();
  const isUp = useHost((host) => host.link.kind === 'up');
  const isThere = state.worktreeState === 'made' || state.worktreeState === 'landed';
  useEffect(() => {
    if (isUp && isThere) void works.look(state.id);
  }, [works, isUp, isThere, state.id, state.worktreeState, state.turn?.endedAt]);
}
