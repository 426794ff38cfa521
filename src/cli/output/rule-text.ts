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
    const why = rows[i]?.notInForce;
    if (why === undefined) return [line];
    const words = `${margin}not in force: ${oneLine(why)}`;
    return [line, columns === undefined ? words : fit(words, columns)];
  });
  return [heading, ...told].join('\n');
}

/** What is wrong with files of rules; nothing where all is well. */
export function filesText(files: readonly RuleFile[]): string[] {
  return files
    .filter(({ problem, state }) => problem !== null && state !== 'none')
    .map(({ path, problem, state }) => {
      const words = oneLine(problem ?? '');
      const about = words.startsWith(path) ? words : `${oneLine(path)}: ${words}`;
      return `${state === 'bad' ? 'Bad' : 'Note'}: ${about}`;
    });
}

const WHOSE: Readonly<Record<RuleSource, string>> = {
  user: 'your rule',
  project: "the project's rule",
  policy: "the administrator's rule",
  builtIn: 'a rule that is built in',
};
const DECISIONS = { allow: 'Allowed', deny: 'Denied', ask: 'Asks' } as const;
const BECAUSE = {
  noRule: 'no rule says otherwise',
  rule: 'a rule says so',
  porchlight: 'it touches Porchlight itself, which no rule decides',
  unreadable: 'what it would do cannot be read from it',
  question: 'it is a question',
} as const;

/** What `rules check` says to a person. */
export function checkText(checked: CheckedCall): string {
  const { decision, rule, risk, asks, steps, notEnforceable } = checked;
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
