import type { AsksBecause, Risk } from '../../protocol/approval/approval.ts';
import type { CheckedCall } from '../../protocol/rules/check.ts';
import type { RuleProposal } from '../../protocol/rules/rule.ts';
import type { AgentProfile } from '../agents/profile.ts';
import type { CallFacts } from './facts/call-facts.ts';
import { factsOf } from './facts/facts-of.ts';
import { allowing, counts } from './match/allowing.ts';
import type { CompiledRule } from './match/compiled-rule.ts';
import type { RuleIndex } from './match/rule-index.ts';
import type { PathWorld } from './paths/path-world.ts';
import { remembered } from './paths/remembered.ts';
import type { AskedCall, CallPlace, Judgement, Policy } from './policy.ts';
import { riskOf } from './risk/risk-of.ts';
import { OwnPaths } from './self/own-paths.ts';
import type { OwnPlaces } from './self/own-places.ts';
import { touches } from './self/touches.ts';
import type { RuleSets } from './rule-sets.ts';

/** What the policy of a host is made of. */
export interface PolicyNeeds {
  readonly rules: RuleSets;
  readonly world: PathWorld;
  /** What no rule lets a call touch. */
  readonly own: OwnPlaces;
  /** Null for an agent that has none. */
  profile(agent: string): AgentProfile | null;
  /** Milliseconds since 1970. */
  now(): number;
}

/** What the rules say of calls: deny wins over ask, and ask over allow; what is not allowed asks. */
export class RulesPolicy implements Policy {
  readonly #needs: PolicyNeeds;
  readonly #ownPaths: OwnPaths;

  constructor(needs: PolicyNeeds) {
    this.#needs = needs;
    this.#ownPaths = new OwnPaths(needs.own, needs.world);
  }

  judge(asked: AskedCall, place: CallPlace): Judgement {
    try {
      return this.#judge(asked, place);
    } catch {
      // A call that breaks the reading of it is one that nobody can read.
      return asks({ because: 'unreadable' }, UNREADABLE, true);
    }
  }

  explain(asked: AskedCall, place: CallPlace): CheckedCall {
    const { decision, rule, risk, asks: why } = this.judge(asked, place);
    return { decision, rule, risk, asks: why, steps: [], notEnforceable: null };
  }

  propose(): RuleProposal[] {
    return [];
  }

  #judge(asked: AskedCall, place: CallPlace): Judgement {
    const { rules, own, profile, now } = this.#needs;
    const world = remembered(this.#needs.world);
    const facts = factsOf(asked, place, profile(place.agent)?.calls ?? {}, world);
    const touched = touches(facts, own, this.#ownPaths, world);
    const risk = riskOf(facts, touched, world);
    if (asked.kind === 'question') return asks({ because: 'question' }, risk, false);
    const all = rules.current();
    const time = now();
    const denied = meaning(all.deny, facts, place, time);
    const [denies] = denied.surely;
    if (denies !== undefined)
      return { ...asks(null, risk, false), decision: 'deny', rule: denies.sourced.ref };
    const asking = meaning(all.ask, facts, place, time);
    const askers = [...asking.surely, ...asking.perhaps];
    const fresh = askers.some(({ sourced }) => sourced.rule.fresh === true);
    if (touched.length > 0) return asks({ because: 'porchlight' }, risk, fresh);
    const [asker] = askers;
    if (asker !== undefined) {
      const { ref } = asker.sourced;
      return { ...asks({ because: 'rule', rule: ref }, risk, fresh), rule: ref };
    }
    if (denied.perhaps.length > 0 || facts.opaque.length > 0 || isOpaque(facts))
      return asks({ because: 'unreadable' }, risk, fresh);
    if (asked.kind === 'switch_mode') return asks({ because: 'noRule' }, risk, fresh);
    const [allows] = allowing(all, facts, place, time, world);
    if (allows === undefined) return asks({ because: 'noRule' }, risk, fresh);
    return {
      ...asks(null, risk, false),
      decision: 'allow',
      rule: allows.sourced.ref,
      counted: counts(allows),
    };
  }
}

const UNREADABLE: Risk = {
  level: 'high',
  marks: [{ kind: 'unreadable', about: 'the call' }],
};

function asks(because: AsksBecause | null, risk: Risk, fresh: boolean): Judgement {
  return { decision: 'ask', rule: null, counted: false, risk, asks: because, fresh };
}

function isOpaque({ commands }: CallFacts): boolean {
  return commands.some(({ opaque }) => opaque.length > 0);
}

/** Rules that mean the call, and those of which nobody can say whether they do. */
function meaning(
  index: RuleIndex,
  facts: CallFacts,
  place: CallPlace,
  now: number,
): { surely: CompiledRule[]; perhaps: CompiledRule[] } {
  const surely: CompiledRule[] = [];
  const perhaps: CompiledRule[] = [];
  for (const rule of new Set(index.near(facts, place))) {
    if (!rule.holds(facts, place, now) || !rule.meansAny(facts)) continue;
    const means = rule.meansCommand(facts);
    if (means === 'yes') surely.push(rule);
    else if (means === 'maybe') perhaps.push(rule);
  }
  return { surely, perhaps };
}
