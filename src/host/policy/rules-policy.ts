import type { Risk } from '../../protocol/approval/approval.ts';
import type { CheckedCall } from '../../protocol/rules/check.ts';
import type { RuleProposal } from '../../protocol/rules/rule.ts';
import type { AgentProfile } from '../agents/profile.ts';
import { explain } from './explain.ts';
import { factsOf } from './facts/facts-of.ts';
import { asks, judgeCall, type JudgedCall } from './match/judge-call.ts';
import type { PathWorld } from './paths/path-world.ts';
import { remembered } from './paths/remembered.ts';
import type { AskedCall, CallPlace, Judgement, Policy } from './policy.ts';
import { propose } from './propose.ts';
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

/** A call that breaks the reading of it is one that nobody can read. */
const UNREADABLE: Risk = { level: 'high', marks: [{ kind: 'unreadable', about: 'the call' }] };

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
      return judgeCall(this.#look(asked, place)).judgement;
    } catch {
      return asks({ because: 'unreadable' }, UNREADABLE, true);
    }
  }

  explain(asked: AskedCall, place: CallPlace): CheckedCall {
    try {
      const judged = this.#look(asked, place);
      return explain(judged, judgeCall(judged), this.#needs.profile(place.agent));
    } catch {
      const { decision, rule, risk, asks: why } = this.judge(asked, place);
      const steps = ['Nobody can read this call: it asks.'];
      return { decision, rule, risk, asks: why, steps, notEnforceable: null };
    }
  }

  propose(asked: AskedCall, place: CallPlace): RuleProposal[] {
    try {
      return propose(this.#look(asked, place));
    } catch {
      return [];
    }
  }

  #look(asked: AskedCall, place: CallPlace): JudgedCall {
    const { rules, own, profile, now } = this.#needs;
    const world = remembered(this.#needs.world);
    const facts = factsOf(asked, place, profile(place.agent)?.calls ?? {}, world);
    const touched = touches(facts, own, this.#ownPaths, world);
    const risk = riskOf(facts, touched, world);
    return { facts, risk, touched, place, rules: rules.current(), now: now(), world };
  }
}
