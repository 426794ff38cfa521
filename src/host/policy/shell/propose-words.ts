import type { CommandLine, SimpleCommand } from './command-line.ts';
import { coverage, isSamePlace, needsNoRule, type MatchPlace } from './match.ts';

/**
 * The narrowest useful rules that together would allow the line: for each command that needs one the
 * text of a rule's `command`. Empty where no rule should: an opaque line, a command that runs
 * others, that deletes, or that raises privilege.
 */
export function proposeWords(line: CommandLine, place: MatchPlace = {}): string[] {
  const proposed = new Map<string, readonly string[]>();
  for (const command of line.commands) {
    if (command.guessed || needsNoRule(command, place)) continue;
    const words = narrowest(command, place);
    if (words === null) return [];
    proposed.set(ruleText(words), words);
  }
  const rules = [...proposed.values()].map((words) => ({ words }));
  return coverage(line, rules, place).covered ? [...proposed.keys()] : [];
}

function narrowest(command: SimpleCommand, place: MatchPlace): readonly string[] | null {
  if (command.privilege !== null || command.proposes === 0) return null;
  // The last is the shortest way to write it.
  const form = command.forms.findLast(({ inFolder }) => isSamePlace(inFolder, place));
  if (form === undefined) return null;
  const shorter = command.words.length - form.words.length;
  const words: string[] = [];
  for (const { text } of form.words.slice(0, command.proposes - Math.max(shorter, 0))) {
    if (text === null) return null;
    words.push(text);
  }
  // `tool build x`: of a program that we do not know, its subcommand too.
  const next = form.words[words.length]?.text ?? '';
  const isNamed = words.length === 1 && !command.isKnown && words[0]?.includes('/') === false;
  if (isNamed && /^[a-z][a-z:-]*$/.test(next)) words.push(next);
  return words;
}

/** The words as a shell would have to be given them. */
export function ruleText(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w./:=,+@%-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}
