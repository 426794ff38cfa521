import type { CheckedCall } from '../../protocol/rules/check.ts';
import type { RuleFile, RuleRow } from '../../protocol/rules/rule.ts';
import type { RuleSource } from '../../protocol/rules/rule-ref.ts';
import { table } from './table.ts';
import { fit, oneLine } from './text.ts';

const SOURCES: Readonly<Record<RuleSource, string>> = {
  user: 'yours',
  project: 'project',
  policy: 'policy',
  builtIn: 'built in',
};

/** The numbered list; what is not in force says why in a line of its own. */
export function ruleTable(rows: readonly RuleRow[], columns?: number): string {
  const lines = table(
    ['N', 'SOURCE', 'RULE'],
    rows.map(({ n, source, text, usesLeft }) => [
      String(n),
      SOURCES[source],
      usesLeft === undefined ? text : `${text} (${usesLeft} left)`,
    ]),
    columns,
  ).split('\n');
  const [heading = '', ...rest] = lines;
  const margin = ' '.repeat(heading.indexOf('RULE'));
  const told = rest.flatMap((line, i) => {
    const why =
    rule === null
      ? `: ${BECAUSE[asks?.because ?? 'noRule']}`
      : ` by ${WHOSE[rule.source]}: ${oneLine(rule.text)}`;
  const marks = risk.marks.map(({ kind, about }) => `${kind} ${oneLine(about)}`);
  return [
    `${DECISIONS[decision]}${why}`,
    ...steps.map((step) => `  ${oneLine(step)}`),
    `Risk: ${risk.level}${marks.length === 0 ? '' : ` (${marks.join('; ')})`}`,
    ...(notEnforceable === null ? [] : [`Not enforceable here: ${oneLine(notEnforceable)}`]),
  ].join('\n');
}
