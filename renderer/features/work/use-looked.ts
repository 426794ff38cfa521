import { useEffect } from 'react';
import type { SessionState } from '../../../src/protocol/session/state.ts';
import { useHost, useWorld } from '../../state/host-context.tsx';

/** Calls follow each other closely; looking costs the host a run of git. */
const QUIET_MS = 1_500;

/** A worktree that is there is looked at when it is shown, and again when a call or a turn ends, or work lands. */
export function useLooked(state: SessionState): void {
  const { works } = useWorld();
  const isUp = useHost((host) => host.link.kind === 'up');
  const isThere = state.worktreeState === 'made' || state.worktreeState === 'landed';
  useEffect(() => {
    if (isUp && isThere) void works.look(state.id);
  }, [works, isUp, isThere, state.id, state.worktreeState, state.turn?.endedAt]);
  const isCalling = state.openTools.length > 0;
  const isWorking = state.state === 'working' || state.state === 'waiting';
  useEffect(() => {
    if (!isUp || !isThere || !isWorking || isCalling) return;
    const timer = setTimeout(() => void works.look(state.id), QUIET_MS);
    return () => clearTimeout(timer);
  }, [works, isUp, isThere, isWorking, isCalling, state.id, state.approvals.length]);
}
