import type { ComponentType, ReactNode } from 'react';
import type {
  Approval,
  DecisionOutcome,
  FileDiff,
} from '../../../src/protocol/approval/approval.ts';
import type { Answered } from '../../state/acts.ts';
import { en } from '../../strings/en.ts';
import type { Ending } from './settled.ts';

/** Shows one file's change; a phone has it folded, and loads its code when it is asked for. */
export type DiffPart = ComponentType<{ readonly diff: FileDiff; readonly cwd?: string }>;

export interface ApprovalCardProps {
  readonly approval: Approval;
  readonly ending: Ending | null;
  readonly agent: string;
  readonly cwd: string | undefined;
  readonly Diff: DiffPart;
  /** False right after anything moved: then a click was meant for something else. */
  readonly mayDecide: () => boolean;
  /** This window's own decision, so that the card can say so at once. */
  readonly onSettled: (approvalId: string, ending: Ending) => void;
  /** Where it comes from, on a screen that shows several sessions. */
  readonly origin?: ReactNode;
}

/** Why a decision did not count, in words; null when it did. */
export function lostWords({ outcome }: Answered): string | null {
  const words: Record<DecisionOutcome, string> = en.approvals.lost;
  return outcome === 'decided' ? null : words[outcome];
}
