import type { AsksBecause, Risk } from '../../../protocol/approval/approval.ts';
import type { CallFacts } from '../facts/call-facts.ts';
import type { PathWorld } from '../paths/path-world.ts';
import type { CallPlace, Judgement } from '../policy.ts';
import type { CompiledRules, RuleIndex } from '../rule-sets.ts';
import { allowing, counts } from './allowing.ts';
import type { CompiledRule } from './compiled-rule.ts';

/** Everything that a judgement follows from. */
export interface JudgedCall {
  readonly facts: CallFacts;
  readonly risk: Risk;
  /** What of it touches Porchlight itself. */
  readonly touched: readonly string[];
  readonly place: CallPlace;
  readonly rules: CompiledRules;
  readonly now: number;
  readonly world: PathWorld;
}

/** Which rules have to do with a call. */
export interface Matches {
  readonly denying: readonly CompiledRule[];
  readonly asking: readonly CompiledRule[];
  /** Rules that deny, of which nobody can say whether they mean it. */
  readonly perhaps: readonly CompiledRule[];
  /** Rules that together let it through, were nothing against it. */
  readonly allowing: readonly CompiledRule[];
}

/** Deny wins over ask, and ask over allow; a call that touches Porchlight or cannot be read asks. */
export function judgeCall(judged: JudgedCall): { judgement: Judgement; matches: Matches } {
  const { facts, risk, touched, place, rules, now, world } = judged;
  const denied = meaning(rules.deny, facts, place, now);
  const asked = meaning(rules.ask, facts, place, now);
  const asking = [...asked.surely, ...asked.perhaps];
  const matches = (allowed: readonly CompiledRule[]): Matches => ({
    denying: denied.surely,
    asking,
    perhaps: denied.perhaps,
    allowing: allowed,
  });
  const fresh = asking.some(({ sourced }) => sourced.rule.fresh === true);
  const ask = (because: AsksBecause) => ({
    judgement: asks(because, risk, fresh),
    matches: matches([]),
  });

  if (facts.kind === 'question')
    return { judgement: asks({ because: 'question' }, risk, false), matches: NONE };
  const [denies] = denied.surely;
  if (denies !== undefined) {
    const judgement = {
      ...asks(null, risk, false),
      decision: 'deny',
      rule: denies.sourced.ref,
    } as const;
    return { judgement, matches: matches([]) };
  }
  if (touched.length > 0) return ask({ because: 'porchlight' });
  const [asker] = asking;
  if (asker !== undefined) {
    const rule = asker.sourced.ref;
    return {
      judgement: { ...asks({ because: 'rule', rule }, risk, fresh), rule },
      matches: matches([]),
    };
  }
  if (denied.perhaps.length > 0 || isUnreadable(facts)) return ask({ because: 'unreadable' });
  if (facts.kind === 'switch_mode') return ask({ because: 'noRule' });
  const together = allowing(rules, facts, place, now, world);
  const [allows] = together;
  if (allows === undefined) return ask({ because: 'noRule' });
  const judgement: Judgement = {
    ...asks(null, risk, false),
    decision: 'allow',
    rule: allows.sourced.ref,
    counted: counts(allows),
  };
  return { judgement, matches: matches(together) };
}

const NONE: Matches = { denying: [], asking: [], perhaps: [], allowing: [] };

export function asks(because: AsksBecause | null, risk: Risk, fresh: boolean): Judgement {
  return { decision: 'ask', rule: null, counted: false, risk, asks: because, fresh };
}

/** Nobody can say what it does. */
export function isUnreadable({ opaque, commands }: CallFacts): boolean {
  return opaque.length > 0 || commands.some((line) => line.opaque.length > 0);
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
