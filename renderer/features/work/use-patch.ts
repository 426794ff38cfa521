import { useEffect, useState } from 'react';
import type { SessionId } from '../../../src/protocol/ids.ts';
import type { Changes } from '../../../src/protocol/session/workspace.ts';
import { useWorld } from '../../state/host-context.tsx';

export interface Patch {
  /** null while it is read. */
  readonly changes: Changes | null;
  /** Why it could not be read, in words. */
  readonly problem: string | null;
  again(): void;
}

/** The whole diff of a worktree, read once; not for a session that has none. */
export function usePatch(sessionId: SessionId | null): Patch {
  const { works } = useWorld();
  const [changes, setChanges] = useState<Changes | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (sessionId === null) return;
    let isCurrent = true;
    works.patch(sessionId).then(
      (found) => isCurrent && setChanges(found),
      (error: unknown) =>
        isCurrent && setProblem(error instanceof Error ? error.message : String(error)),
    );
    return () => {
      isCurrent = false;
    };
  }, [works, sessionId, round]);
  const again = (): void => {
    setProblem(null);
    setRound(round + 1);
  };
  return { changes, problem, again };
}
