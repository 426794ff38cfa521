import type { RuleRef } from '../../protocol/rules/rule-ref.ts';
import type { Rule } from '../../protocol/rules/rule.ts';
import type { CallFacts } from './facts/call-facts.ts';
import type { CompiledRule } from './match/compiled-rule.ts';
import type { CallPlace } from './policy.ts';

/** A rule as its file gives it to the policy. */
export interface SourcedRule {
  readonly ref: RuleRef;
  readonly rule: Rule;
  /** False: of a source that may only tighten, so that it counts unless it allows. */
  readonly mayLoosen: boolean;
  /** The base checkout of the project whose file it stands in: it holds for sessions there. Null: everywhere. */
  readonly project: string | null;
  /** Of a grant that ends after so many calls: whether it is used up. Asked when all else matches. */
  isSpent?(): boolean;
}

/** Rules of one decision, found by what they are about. */
export interface RuleIndex {
  /** Those that may have to do with the call, in no order; some may come twice. */
  near(facts: CallFacts, place: CallPlace): Iterable<CompiledRule>;
}

/** All rules, read once, so that a call is compared with few of them. */
export interface CompiledRules {
  readonly size: number;
  readonly deny: RuleIndex;
  readonly ask: RuleIndex;
  readonly allow: RuleIndex;
}

/** Where the policy gets its rules from. */
export interface RuleSets {
  /** The same object until a rule changes. */
  current(): CompiledRules;
}
