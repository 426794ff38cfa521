import { canonicalJson } from '../../base/canonical-json.ts';
import type { Rule, RuleRow } from '../../protocol/rules/rule.ts';
import type { HeldRule, RuleBook } from './rule-book.ts';

/** How long an ended grant is still listed, for whoever wonders where it went. */
export const LISTED_AFTER_END_MS = 24 * 3_600_000;

/** The list that people see: numbered over all sources, with why some are not in force. */
export function rowsOf(book: Pick<RuleBook, 'files' | 'standing'>, nowMs: number): RuleRow[] {
  const held = book.files().flatMap(({ rules }) => rules);
  const denied = new Map<string, HeldRule>();
  for (const each of held)
    if (each.rule.decision === 'deny' && each.project === null && !ends(each.rule))
      denied.set(aboutOf(each.rule), each);
  const rows: RuleRow[] = [];
  for (const each of held) {
    const { id, source, file, rule, text, bound } = each;
    const { ended, endedMs, usesLeft } = book.standing(each);
    if (endedMs !== null && nowMs - endedMs > LISTED_AFTER_END_MS) continue;
    const shadow = rule.decision === 'deny' ? undefined : denied.get(aboutOf(rule));
    const remark =
      ended ?? bound ?? (shadow === undefined ? null : `a rule denies the same: ${shadow.text}`);
    rows.push({
      ...{ n: rows.length + 1, id, source, file, rule, text },
      ...(usesLeft !== undefined && { usesLeft }),
      ...(remark !== null && { notInForce: remark }),
    });
  }
  return rows;
}

/** What a rule is about, apart from what it decides and how long it holds. */
function aboutOf({ decision: _, until: __, uses: ___, madeAt: ____, note: _____, ...rule }: Rule) {
  const { fresh: _fresh, ...about } = rule;
  return canonicalJson(about);
}

function ends({ until, uses, session }: Rule): boolean {
  return until !== undefined || uses !== undefined || session !== undefined;
}
