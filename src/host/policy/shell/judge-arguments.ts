import {
  FROM_XARGS,
  isOperand,
  isSurelyInside,
  type CommandForm,
  type Objection,
  type ShellWord,
} from './command-line.ts';
import { isSystemName } from './command-name.ts';
import type { Judge, Judged, Tool } from './tool.ts';
import { GENERIC } from './tools/generic.ts';
import { TOOLS } from './tools/tools.ts';

/** What is known of a command's arguments: what a rule does not allow unless it names it. */
export function judgeArguments(words: readonly ShellWord[]): Judged {
  const judging = new Judging();
  const path = words[0]?.text ?? null;
  const name = path?.slice(path.lastIndexOf('/') + 1) ?? '';
  const tool = path !== null && isSystemName(path) ? TOOLS.get(name) : undefined;
  judging.isKnown = tool !== undefined;
  judgeWith(tool ?? GENERIC, words, 1, judging);
  return judging;
}

const SAYS_ONLY = /^(?:--version|--help|-v|-V|-h|--test|--check)$/;

class Judging implements Judge {
  readonly objections: Objection[] = [];
  readonly otherForms: Omit<CommandForm, 'lacksPrivilege'>[] = [];
  readonly changes: ShellWord[] = [];
  readonly runs: ShellWord[][] = [];
  placeFree = false;
  runsArguments = false;
  isKnown = true;
  proposes: 'never' | 'exactly' | null = null;
  proposed = 1;
  enters: ShellWord | null = null;

  object(at: number, why: string, unlessInside?: string): void {
    this.objections.push(unlessInside === undefined ? { at, why } : { at, why, unlessInside });
  }

  judgeAs(tool: Tool, words: readonly ShellWord[], from: number): void {
    judgeWith(tool, words, from, this);
  }
}

/** Judges the words from an index on as the arguments of a tool. */
function judgeWith(tool: Tool, words: readonly ShellWord[], from: number, to: Judge): void {
  to.placeFree = tool.placeFree === true;
  to.proposes = tool.proposes ?? to.proposes;
  to.proposed = from;
  if (tool.runsArguments === true) {
    to.runsArguments = true;
    if (words.length > from) to.object(from, 'it runs its arguments');
    return;
  }
  if (tool.judge !== undefined) {
    tool.judge(words, from, to);
    return;
  }
  const operands: ShellWord[] = [];
  let ended = false;
  const skipped = new Set<number>();
  let folder: ShellWord | undefined;
  for (let at = from; at < words.length; at += 1) {
    const word = words[at];
    if (word === undefined) break;
    if (!ended && word.text === '--' && tool.passesOn !== undefined) {
      const { proposed } = to;
      judgeWith(tool.passesOn, words, at + 1, to);
      to.proposed = proposed;
      break;
    }
    if (!ended && word.text === '--') ended = true;
    else if (ended || isOperand(word) || word.text === '-') {
      if (operands.length === 0 && (tool.subs !== undefined || tool.script !== undefined)) {
        judgeFirst(tool, words, at, to);
        if (skipped.size > 0) addForm(words, skipped, at, folder, to);
        return;
      }
      judgeOperand(tool, word, operands.length, at, to);
      operands.push(word);
    } else if (tool.harmless !== true) {
      if (word.text !== null && word.text === tool.place) {
        folder = words[at + 1];
        to.object(at, `${word.text} changes the place`);
        if (folder?.text != null) skipped.add(at).add(at + 1);
        at += 1;
      } else {
        if (word.text !== null && tool.droppable?.has(word.text) === true) skipped.add(at);
        at = judgeOption(tool, words, at, to);
      }
    }
  }
  const says = words.slice(from).some(({ text }) => SAYS_ONLY.test(text ?? ''));
  if (tool.readsCode === true) to.proposed = words.length;
  if (tool.readsCode === true && !says) {
    to.object(words.length, 'it runs what it reads');
  }
  if (tool.changes === 'all') to.changes.push(...operands);
  if (tool.changes === 'last') to.changes.push(...operands.slice(-1));
}

function judgeFirst(tool: Tool, words: readonly ShellWord[], at: number, to: Judge): void {
  const word = words[at];
  if (word === undefined) return;
  const sub = word.text === null ? undefined : tool.subs?.get(word.text);
  if (sub !== undefined) {
    judgeWith(sub, words, at + 1, to);
    return;
  }
  if (tool.script === undefined) to.object(at, `${word.source} is not known to do no harm`);
  else judgeOperand(tool, word, 0, at, to);
  if (word.text === null) to.object(at, `${word.source} may be anything`);
  judgeWith(tool.script ?? tool.otherwise ?? GENERIC, words, at + 1, to);
}

function judgeOperand(tool: Tool, word: ShellWord, nth: number, at: number, to: Judge): void {
  if (tool.harmless === true) return;
  const why = tool.operands?.(word, nth) ?? null;
  if (why !== null) to.object(at, why);
  if (tool.inside !== true) return;
  if (word.begins.startsWith('@')) to.object(at, `${word.source} may stand for options`);
  if (isSurelyInside(word)) return;
  const path = word.text ?? undefined;
  to.object(
    at,
    `${word.source} may be outside of the folder`,
    path?.startsWith('/') === true ? path : undefined,
  );
}

/** The same command without options that change nothing, before its first operand. */
function addForm(
  words: readonly ShellWord[],
  skipped: ReadonlySet<number>,
  before: number,
  inFolder: ShellWord | undefined,
  to: Judge,
): void {
  const by = skipped.size;
  to.otherForms.push({
    words: words.filter((_, at) => !skipped.has(at)),
    objections: to.objections
      .filter(({ at }) => !skipped.has(at))
      .map((one) => ({ ...one, at: one.at < before ? 1 : one.at - by })),
    ...(inFolder === undefined ? {} : { inFolder }),
  });
}

/** Judges one word of options; returns the index of the last word that it takes. */
function judgeOption(tool: Tool, words: readonly ShellWord[], at: number, to: Judge): number {
  const text = words[at]?.text ?? null;
  const source = words[at]?.source ?? '';
  if (text === null) {
    if (tool.fileNames === true && source === FROM_XARGS) return at;
    // `--include=*.ts`: whatever it becomes, it stays that option.
    const option = /^(--[\w-]+)=/.exec(words[at]?.begins ?? '')?.[1] ?? '';
    if (tool.flags?.has(option) === true || tool.values?.has(option) === true) return at;
    to.object(at, `${source} may become an option`);
    return at;
  }
  const equals = text.indexOf('=');
  const name = equals === -1 ? text : text.slice(0, equals);
  if (tool.flags?.has(name) === true) return at;
  if (tool.values?.has(name) === true || tool.checked?.has(name) === true) {
    const value = equals === -1 ? null : text.slice(equals + 1);
    return judgeValue(tool, name, value, words, at, to);
  }
  if (tool.numbers === true && /^-\d+$/.test(text)) return at;
  if (!/^-[^-]/.test(text) || tool.longWithOneDash === true) {
    to.object(at, `${name} is not known to do no harm`);
    return at;
  }
  for (let i = 1; i < text.length; i += 1) {
    const letter = `-${text.charAt(i)}`;
    if (tool.values?.has(letter) === true || tool.checked?.has(letter) === true) {
      const value = i === text.length - 1 ? null : text.slice(i + 1);
      return judgeValue(tool, letter, value, words, at, to);
    }
    if (tool.flags?.has(letter) !== true) {
      to.object(at, `${letter} is not known to do no harm`);
      break;
    }
  }
  return at;
}

function judgeValue(
  tool: Tool,
  name: string,
  given: string | null,
  words: readonly ShellWord[],
  at: number,
  to: Judge,
): number {
  const next = words[at + 1];
  const may = tool.checked?.get(name);
  const value = given ?? next?.text ?? null;
  if (may !== undefined && (value === null || !may.test(value))) {
    to.object(at, `${name} is not known to do no harm with that`);
  }
  if (given !== null || next === undefined) return at;
  // A value that looks like an option may be one to another version of the tool.
  const clear =
    !next.many &&
    (isOperand(next) || /^-\d+$/.test(next.text ?? '') || tool.sureValues?.has(name) === true);
  if (!clear) to.object(at + 1, `${next.source} may become an option`);
  return at + 1;
}
