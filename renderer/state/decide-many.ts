import type { Approval, DecisionOutcome } from '../../src/protocol/approval/approval.ts';
import type { Acts, Decision } from './acts.ts';

/** Enough to be quick, few enough that a host with other work answers each. */
const AT_ONCE = 4;

export type ManyOutcome = DecisionOutcome | 'failed';

/**
 * Decides each approval by itself, for exactly its call, a few at a time. What becomes of each is told
 * as it is known: one that was decided elsewhere or fails stops none of the others. A reason goes with
 * the first refusal that counts, so that the agent hears it once.
 */
export async function decideMany(
  acts: Pick<Acts, 'decide'>,
  approvals: readonly Approval[],
  { allow, reason = '' }: { readonly allow: boolean; readonly reason?: string },
  onOutcome: (approval: Approval, outcome: ManyOutcome) => void,
): Promise<void> {
  const waiting = [...approvals];
  const one = async (approval: Approval, decision: Decision): Promise<ManyOutcome> => {
    const outcome = await acts.decide(approval, decision).then(
      (answered) => answered.outcome,
      () => 'failed' as const,
    );
    onOutcome(approval, outcome);
    return outcome;
  };
  if (!allow && reason !== '')
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      if ((await one(next, { allow, reason })) === 'decided') break;
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      await one(next, { allow });
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
