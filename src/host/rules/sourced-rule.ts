import type { RuleRef } from '../../protocol/rules/rule-ref.ts';
import type { Rule } from '../../protocol/rules/rule.ts';

/** A rule as its file gives it to the policy. */
export interface SourcedRule {
  readonly ref: RuleRef;
  readonly rule: Rule;
  /** False: of a source that may only tighten, so that it counts unless it allows. */
  readonly mayLoosen: boolean;
  /** The base checkout of the project whose file it stands in: it holds for sessions there. Null: everywhere. */
  readonly project: string | null;
  /** Of a grant: whether it has ended. Asked when all else matches. */
  isSpent?(): boolean;
}
