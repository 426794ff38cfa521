import type { PathWorld } from '../paths/path-world.ts';
import type { CompiledRules, RuleIndex, SourcedRule } from '../rule-sets.ts';
import { CompiledRule } from './compiled-rule.ts';
import { IndexedRules } from './rule-index.ts';

/** Makes rules ready for being asked. A source that may not loosen gives only what denies or asks. */
export function compileRules(rules: readonly SourcedRule[], world: PathWorld): CompiledRules {
  const compiled = rules
    .filter(({ rule, mayLoosen }) => mayLoosen || rule.decision !== 'allow')
    .map((each) => new CompiledRule(each, world));
  const index = (decision: string): RuleIndex =>
    new IndexedRules(
      compiled.filter(({ sourced }) => sourced.rule.decision === decision),
      decision === 'allow',
      world,
    );
  return { size: compiled.length, deny: index('deny'), ask: index('ask'), allow: index('allow') };
}
