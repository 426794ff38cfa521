import { createHash } from 'node:crypto';
import { canonicalJson } from '../../base/canonical-json.ts';
import type { RuleSource } from '../../protocol/rules/rule-ref.ts';
import type { Rule } from '../../protocol/rules/rule.ts';

const ID_HEX = 16;

/** Of what the rule says and where it stands: an edited rule is another one, an equal one is the same. */
export function ruleIdOf(source: RuleSource, folder: string | null, rule: Rule): string {
  const hash = createHash('sha256').update(canonicalJson([source, folder, rule]));
  return `r_${hash.digest('hex').slice(0, ID_HEX)}`;
}
