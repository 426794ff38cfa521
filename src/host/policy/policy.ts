import type { AsksBecause, Approval, Risk } from '../../protocol/approval/approval.ts';
import type { SessionId } from '../../protocol/ids.ts';
import type { Mode } from '../../protocol/mode.ts';
import type { CheckedCall } from '../../protocol/rules/check.ts';
import type { RuleDecision, RuleProposal } from '../../protocol/rules/rule.ts';
import type { RuleRef } from '../../protocol/rules/rule-ref.ts';

/** Where and how a call would run: all that a rule may ask about besides the call itself. */
export interface CallPlace {
  readonly sessionId: SessionId | null;
  readonly agent: string;
  /** Where the agent works; absolute. */
  readonly cwd: string;
  /** The checkout that a worktree was made from; null where the session has none. */
  readonly base: string | null;
  /** What is checked out in `cwd`; null where that is not known or no branch. */
  readonly branch: string | null;
  /** null: one of the agent's own. */
  readonly mode: Mode | null;
}

/** The call as its agent asks about it. */
export type AskedCall = Pick<Approval, 'kind' | 'title' | 'call'>;

export interface Judgement {
  readonly decision: RuleDecision;
  /** Which rule decided; null: none matches, so a person is asked. */
  readonly rule: RuleRef | null;
  /** It is a grant that ends after so many calls: this one must be counted. */
  readonly counted: boolean;
  readonly risk: Risk;
  /** With `ask`. */
  readonly asks: AsksBecause | null;
  /** With `ask`: the person must prove to be there. */
  readonly fresh: boolean;
}

/**
 * What the rules say of a call. Synchronous, since it is asked inside the transaction that opens the
 * approval, and quick: at most a millisecond with 10,000 rules. Never throws: what cannot be judged
 * asks.
 */
export interface Policy {
  judge(asked: AskedCall, place: CallPlace): Judgement;
  /** The same with its reasons, for `rules check`. */
  explain(asked: AskedCall, place: CallPlace): CheckedCall;
  /** What "always" could save: narrowest first. */
  propose(asked: AskedCall, place: CallPlace): RuleProposal[];
}
