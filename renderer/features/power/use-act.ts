import { useState } from 'react';
import { useHost } from '../../state/host-context.tsx';

export interface Act {
  /** Nothing may be asked now: the host is away, or something is being done. */
  readonly isBusy: boolean;
  readonly problem: string | null;
  /** What came of the last one, in words. */
  readonly done: string | null;
  /** One at a time; what `doing` answers is said. */
  run(doing: () => Promise<string | null>): void;
  fail(problem: string): void;
}

/** One thing at a time that a person asks for, with its end beside the button. */
export function useAct(): Act {
  const isUp = useHost((host) => host.link.kind === 'up');
  const [isRunning, setRunning] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [done, setDone] = useState<string | null>(null);
  return {
    isBusy: !isUp || isRunning,
    problem,
    done,
    run: (doing) => {
      setRunning(true);
      setProblem(null);
      setDone(null);
      doing()
        .then(setDone, (error: unknown) =>
          setProblem(error instanceof Error ? error.message : String(error)),
        )
        .finally(() => setRunning(false));
    },
    fail: (words) => {
      setDone(null);
      setProblem(words);
    },
  };
}
