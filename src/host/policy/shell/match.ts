import { basename } from './command-name.ts';
import {
  isOperand,
  isSurelyInside,
  unknownWord,
  type CommandForm,
  type CommandLine,
  type ShellWord,
  type SimpleCommand,
} from './command-line.ts';
import type { RuleWords } from './rule-words.ts';

export interface MatchPlace {
  /** The session's folder, absolute: `cd` to it changes nothing. */
  readonly cwd?: string;
}

export interface CoveredCommand {
  readonly command: SimpleCommand;
  /** Index of the rule that allows it; null: none does, or it needs none, which `why` says. */
  readonly rule: number | null;
  /** null: it is covered. */
  readonly why: string | null;
}

export interface Coverage {
  /** Each command is allowed by some rule, and all of the line could be read. */
  readonly covered: boolean;
  readonly commands: readonly CoveredCommand[];
  /** As in the line: why it cannot be read. */
  readonly opaque: readonly string[];
  /**
   * What redirections write: no rule about commands covers it, so that each must pass as a path that
   * is written. A word whose `text` is null and that is not below the home cannot.
   */
  readonly writes: readonly ShellWord[];
  /** What the commands write, move or delete as their purpose (`mkdir x`), for who wants to look. */
  readonly changes: readonly ShellWord[];
}

/** Which commands of a line the rules allow together, and what is left over. */
export function coverage(
  line: CommandLine,
  rules: readonly RuleWords[],
  place: MatchPlace = {},
): Coverage {
  const moved = line.commands.some(({ enters }) => enters !== null && !isSamePlace(enters, place));
  const commands = line.commands.map((command): CoveredCommand => {
    // What it may be a part of is judged as a whole.
    if (command.guessed) return { command, rule: null, why: null };
    if (needsNoRule(command, place)) return { command, rule: null, why: null };
    return coverCommand(command, rules, place, moved);
  });
  const covered =
    line.opaque.length === 0 &&
    line.commands.some(({ guessed }) => !guessed) &&
    commands.every(({ why }) => why === null);
  // After `cd` a relative path is not the one that it seems to be.
  const settled = (word: ShellWord): ShellWord =>
    moved && word.text?.startsWith('/') === false ? unknownWord(word.source) : word;
  return {
    covered,
    commands,
    opaque: line.opaque,
    writes: line.writes.map(settled),
    changes: line.commands.flatMap((command) => command.changes.map(settled)),
  };
}

/** Whether a rule that allows would allow all of the line by itself. */
export function matchesAllow(rule: RuleWords, line: CommandLine, place: MatchPlace = {}): boolean {
  return coverage(line, [rule], place).covered;
}

function coverCommand(
  command: SimpleCommand,
  rules: readonly RuleWords[],
  place: MatchPlace,
  moved: boolean,
): CoveredCommand {
  let why = 'no rule allows it';
  for (const [at, rule] of rules.entries()) {
    for (const form of command.forms) {
      if (form.lacksPrivilege || !isSamePlace(form.inFolder, place)) continue;
      if (!beginsWith(form.words, rule.words)) continue;
      const objection = form.objections.find(
        (one) => one.at >= rule.words.length && !isInside(one.unlessInside, place),
      );
      if (objection !== undefined) why = objection.why;
      else if (moved && !command.placeFree && command.enters === null) {
        why = 'it would run in another folder';
      } else return { command, rule: at, why: null };
    }
  }
  return { command, rule: null, why };
}

function beginsWith(words: readonly ShellWord[], rule: readonly string[]): boolean {
  return rule.length <= words.length && rule.every((word, at) => words[at]?.text === word);
}

export function isSamePlace(folder: ShellWord | undefined, { cwd }: MatchPlace): boolean {
  if (folder === undefined) return true;
  if (folder.text === '.') return true;
  const trimmed = folder.text?.replace(/(?<=.)\/+$/, '');
  return cwd !== undefined && trimmed === cwd.replace(/(?<=.)\/+$/, '');
}

/** By its letters alone; links are not resolved. */
function isInside(path: string | null | undefined, { cwd }: MatchPlace): boolean {
  if (path == null || cwd === undefined) return false;
  const folder = cwd.replace(/\/+$/, '');
  return path.startsWith(`${folder}/`) && !/(?:^|\/)\.\.?(?:\/|$)/.test(path);
}

/** It does nothing at all: `cd` to where the session is anyway, `true`, `exit 1`. */
export function needsNoRule(command: SimpleCommand, place: MatchPlace): boolean {
  if (command.guessed || command.privilege !== null) return false;
  if (command.enters !== null) {
    // Further down only commands pass that do the same anywhere.
    const { text } = command.enters;
    const below = text !== null && isSurelyInside(command.enters) && !text.startsWith('-');
    const sound = command.forms.length === 1 && command.words.length === 2;
    return sound && (below || isSamePlace(command.enters, place) || isInside(text, place));
  }
  const [name, ...rest] = command.words;
  if (name?.text == null || command.forms.length > 1) return false;
  // Without options that compute, `test` only looks.
  if (['test', '['].includes(name.text)) return command.forms[0]?.objections.length === 0;
  if (name.text === 'set') return true;
  if (command.words.length > 2) return false;
  if (['true', 'false', ':'].includes(name.text)) return rest.length === 0;
  if (!['exit', 'return', 'break', 'continue'].includes(name.text)) return false;
  return rest.every(({ text }) => /^\d{1,3}$/.test(text ?? ''));
}

export type Matches = 'yes' | 'maybe' | 'no';

export interface NameOptions {
  /** The file system takes `GIT` for `git`. */
  readonly ignoreCase?: boolean;
}

/**
 * Whether any command in the line begins with the words of a rule that denies or asks. Wider than the
 * letter, never narrower: folders of programs, order of options, clusters and abbreviations do not
 * matter. `maybe`: a word, or the line, is not known, so that nobody can say no.
 */
export function matchesAny(rule: RuleWords, line: CommandLine, options: NameOptions = {}): Matches {
  let result: Matches = line.opaque.length > 0 ? 'maybe' : 'no';
  for (const command of line.commands) {
    for (const form of command.forms) {
      const one = formMatches(form, rule.words, options);
      if (one === 'yes') return 'yes';
      if (one === 'maybe') result = 'maybe';
    }
  }
  return result;
}

function formMatches(
  { words }: CommandForm,
  rule: readonly string[],
  { ignoreCase = false }: NameOptions,
): Matches {
  const [ruleName = '', ...ruleRest] = rule;
  const name = words[0]?.text ?? null;
  if (name === null) return 'maybe';
  const fold = (text: string): string =>
    ignoreCase ? basename(text).toLowerCase() : basename(text);
  if (fold(name) !== fold(ruleName)) return 'no';
  const wanted = ruleRest.filter((word) => !isOption(word));
  const wantedOptions = ruleRest.filter(isOption);
  const given = words.slice(1);
  const operands = operandsMatch(given, wanted);
  if (operands === 'no') return 'no';
  let result: Matches = operands;
  for (const option of wantedOptions) {
    const has = optionMatches(given, option);
    if (has === 'no') return 'no';
    if (has === 'maybe') result = 'maybe';
  }
  return result;
}

function isOption(word: string): boolean {
  return word.length > 1 && word.startsWith('-') && word !== '--';
}

/** The wanted words come first among the operands; what an option may take as its value is skipped. */
function operandsMatch(given: readonly ShellWord[], wanted: readonly string[]): Matches {
  let next = 0;
  let afterOption = false;
  let result: Matches = 'yes';
  for (const word of given) {
    if (next === wanted.length) break;
    if (word.text === null) {
      // It may be the wanted word, or, where it is one of many, all of them.
      if (word.many || (wanted[next] ?? '').startsWith(word.begins)) return 'maybe';
      if (!afterOption) return 'no';
      afterOption = false;
    } else if (word.text === wanted[next]) {
      next += 1;
      afterOption = false;
    } else if (isOption(word.text) || word.text === '--') afterOption = !word.text.includes('=');
    else if (afterOption) afterOption = false;
    else return 'no';
  }
  if (next < wanted.length) result = 'no';
  return result;
}

/** Letters of a cluster may stand in several words: `-rf` is in `-r -v -f`. */
function optionMatches(given: readonly ShellWord[], wanted: string): Matches {
  const known = given.flatMap(({ text }) => (text === null ? [] : [text]));
  if (known.some((text) => isSameOption(text, wanted))) return 'yes';
  if (/^-[A-Za-z0-9]{1,3}$/.test(wanted)) {
    const letters = known.filter((text) => /^-[^-]/.test(text)).join('');
    if ([...wanted.slice(1)].every((letter) => letters.includes(letter))) return 'yes';
  }
  return given.some((word) => word.text === null && !isOperand(word)) ? 'maybe' : 'no';
}

function isSameOption(text: string, wanted: string): boolean {
  if (text === wanted || text.startsWith(`${wanted}=`)) return true;
  if (!wanted.startsWith('--')) return false;
  const name = text.includes('=') ? text.slice(0, text.indexOf('=')) : text;
  return name.length > 2 && name.startsWith('--') && wanted.startsWith(name);
}
