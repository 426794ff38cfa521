import { useState } from 'react';
import type { Decision } from '../../state/acts.ts';
import { useWorld } from '../../state/host-context.tsx';
import { en } from '../../strings/en.ts';
import { lostWords, type ApprovalCardProps } from './card-props.ts';

const t = en.approvals;

export interface Decide {
  /** Resolves to whether it counted; what else happened stands in `problem`. */
  readonly send: (decision: Decision) => Promise<boolean>;
  readonly isSending: boolean;
  readonly problem: string | null;
}

/** Sends a card's decision, once, and says what became of it. */
export function useDecide({
  approval,
  mayDecide,
  onSettled,
}: Pick<ApprovalCardProps, 'approval' | 'mayDecide' | 'onSettled'>): Decide {
  const { acts, surface } = useWorld();
  const [isSending, setSending] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const send = async (decision: Decision): Promise<boolean> => {
    if (!mayDecide() || isSending) return false;
    setSending(true);
    setProblem(null);
    try {
      const lost = lostWords(await acts.decide(approval, decision));
      if (lost === null) {
        const who = en.app.by(surface);
        const allowed = 'optionId' in decision ? decision.allows : decision.allow;
        onSettled(approval.id, { words: allowed ? t.allowed(who) : t.denied(who) });
        return true;
      }
      setProblem(lost);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
    setSending(false);
    return false;
  };
  return { send, isSending, problem };
}
