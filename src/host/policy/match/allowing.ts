import type { CallFacts } from '../facts/call-facts.ts';
import { pathFact } from '../facts/path-fact.ts';
import { resolvePath } from '../paths/resolve.ts';
import type { PathWorld } from '../paths/path-world.ts';
import type { CallPlace } from '../policy.ts';
import type { CompiledRules } from '../rule-sets.ts';
import { coverage } from '../shell/match.ts';
import type { CommandLine, ShellWord } from '../shell/command-line.ts';
import type { CompiledRule } from './compiled-rule.ts';

/** Which rules let a call through together, the one that counts calls first; empty: they do not. */
export function allowing(
  rules: CompiledRules,
  facts: CallFacts,
  place: CallPlace,
  now: number,
  world: PathWorld,
): readonly CompiledRule[] {
  const near = [...new Set(rules.allow.near(facts, place))].filter(
    (rule) => rule.holds(facts, place, now) && rule.coversAll(facts),
  );
  const whole = near.filter(({ sourced }) => sourced.rule.command === undefined);
  const first = firstOf(whole);
  // A grant that counts is spared where another rule allows the call as well.
  if (first !== null && !counts(first)) return [first];
  const byWords = near.filter(({ words }) => words !== null);
  const plain = byWords.filter((rule) => !counts(rule));
  const together = coveringAll(plain, rules, facts, place, now, world);
  if (together !== null) return together;
  if (first !== null) return [first];
  for (const counted of byWords.filter(counts)) {
    const all = coveringAll([counted, ...plain], rules, facts, place, now, world);
    if (all !== null) return all;
  }
  return [];
}

export function counts(rule: CompiledRule): boolean {
  return rule.sourced.rule.uses !== undefined;
}

function firstOf(rules: readonly CompiledRule[]): CompiledRule | null {
  return rules.find((rule) => !counts(rule)) ?? rules[0] ?? null;
}

function coveringAll(
  candidates: readonly CompiledRule[],
  rules: CompiledRules,
  facts: CallFacts,
  place: CallPlace,
  now: number,
  world: PathWorld,
): readonly CompiledRule[] | null {
  if (candidates.length === 0 || facts.commands.length === 0) return null;
  const words = candidates.flatMap((rule) => rule.words ?? []);
  const used = new Set<CompiledRule>();
  for (const line of facts.commands) {
    const { covered, commands, writes } = coverage(line, words, { cwd: facts.cwd });
    if (!covered || (facts.unknown.has('command') && !isPlaceFree(line))) return null;
    for (const { rule } of commands) {
      const by = rule === null ? undefined : candidates[rule];
      if (by !== undefined) used.add(by);
    }
    for (const word of writes) {
      const by = writing(word, rules, facts, place, now, world);
      if (by === null) return null;
      used.add(by);
    }
  }
  return used.size === 0 ? null : [...used].sort((a, b) => Number(counts(b)) - Number(counts(a)));
}

/** A redirection writes a file: as an edit of it, a rule must allow it. */
function writing(
  word: ShellWord,
  rules: CompiledRules,
  facts: CallFacts,
  place: CallPlace,
  now: number,
  world: PathWorld,
): CompiledRule | null {
  const written =
    word.text ?? (word.belowHome === undefined ? null : `${world.home}/${word.belowHome}`);
  const forms = written === null ? null : resolvePath(written, facts.cwd, world);
  if (written === null || forms === null) return null;
  const edit: CallFacts = {
    ...facts,
    kind: 'edit',
    commands: [],
    paths: [pathFact('write', written, forms, [], world)],
    hosts: [],
    mcp: null,
    unknown: new Set(),
  };
  for (const rule of rules.allow.near(edit, place)) {
    const { command, uses } = rule.sourced.rule;
    if (command !== undefined || uses !== undefined) continue;
    if (rule.holds(edit, place, now) && rule.coversAll(edit)) return rule;
  }
  return null;
}

function isPlaceFree(line: CommandLine): boolean {
  return line.commands.every((command) => command.placeFree);
}
