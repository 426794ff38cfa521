import { isSystemName } from './command-name.ts';
import { isOperand, type CommandForm, type Objection, type ShellWord } from './command-line.ts';
import type { Judged, Tool } from './tool.ts';
import { GENERIC, TOOLS } from './tools/tools.ts';

/** What is known of a command's arguments: what rules may not allow unless they name it. */
export function judgeArguments(words: readonly ShellWord[]): Judged {
  const path = words[0]?.text ?? null;
  if (path === null) return judged(words, 1, GENERIC);
  const name = path.slice(path.lastIndexOf('/') + 1);
  const tool = isSystemName(path) ? TOOLS.get(name) : undefined;
  return judged(words, 1, tool ?? GENERIC);
}

type OtherForm = Omit<CommandForm, 'lacksPrivilege'>;

class Judging {
  readonly objections: Objection[] = [];
  readonly otherForms: OtherForm[] = [];
  readonly changes: ShellWord[] = [];
  readonly runs: ShellWord[][] = [];
  placeFree = false;
  enters: ShellWord | null = null;

  object(at: number, why: string): void {
    this.objections.push({ at, why });
  }
}

function judged(words: readonly ShellWord[], from: number, tool: Tool): Judged {
  const judging = new Judging();
  judgeWith(tool, words, from, judging);
  return judging;
}

function judgeWith(tool: Tool, words: readonly ShellWord[], from: number, to: Judging): void {
  to.placeFree = tool.placeFree === true;
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
    if (!ended && word.text === '--') {
      if (tool.passesOn !== undefined) {
        judgeWith(tool.passesOn, words, at + 1, to);
        break;
      }
      ended = true;
    } else if (ended || isOperand(word) || word.text === '-') {
      const sub = operands.length === 0 ? subOf(tool, word) : undefined;
      if (sub !== undefined) {
        judgeWith(sub, words, at + 1, to);
        if (skipped.size > 0) addForm(words, skipped, at, folder, to);
        return;
      }
      const why =
        tool.subs !== undefined && operands.length === 0
          ? `${word.source} is not known to do no harm`
          : (tool.operands?.(word, operands.length) ?? null);
      if (why !== null && tool.harmless !== true) to.object(at, why);
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
  if (tool.changes === 'all') to.changes.push(...operands);
  if (tool.changes === 'last') to.changes.push(...operands.slice(-1));
}

function subOf(tool: Tool, word: ShellWord): Tool | undefined {
  return word.text === null ? undefined : tool.subs?.get(word.text);
}

/** The same command without options that change nothing, before its first operand. */
function addForm(
  words: readonly ShellWord[],
  skipped: ReadonlySet<number>,
  before: number,
  inFolder: ShellWord | undefined,
  to: Judging,
): void {
  const by = skipped.size;
  to.otherForms.push({
    words: words.filter((_, at) => !skipped.has(at)),
    objections: to.objections
      .filter(({ at }) => !skipped.has(at))
      .map(({ at, why }) => ({ at: at < before ? Math.max(at - by, 1) : at - by, why })),
    ...(inFolder === undefined ? {} : { inFolder }),
  });
}

/** Judges one word of options; returns the index of the last word that it takes. */
function judgeOption(tool: Tool, words: readonly ShellWord[], at: number, to: Judging): number {
  const text = words[at]?.text ?? null;
  const source = words[at]?.source ?? '';
  if (text === null) {
    to.object(at, `${source} may become an option`);
    return at;
  }
  const equals = text.indexOf('=');
  const name = equals === -1 ? text : text.slice(0, equals);
  const takesNext = (): number => {
    const next = words[at + 1];
    if (next === undefined) return at;
    // A value that looks like an option may be one to another version of the tool.
    const clear = !next.many && (isOperand(next) || /^-\d+$/.test(next.text ?? ''));
    if (!clear) to.object(at + 1, `${next.source} may become an option`);
    return at + 1;
  };
  if (tool.flags?.has(name) === true) return at;
  if (tool.values?.has(name) === true) return equals === -1 ? takesNext() : at;
  if (tool.numbers === true && /^-\d+$/.test(text)) return at;
  const isCluster = /^-[^-]/.test(text) && tool.longWithOneDash !== true;
  if (isCluster) {
    for (let i = 1; i < text.length; i += 1) {
      const letter = `-${text.charAt(i)}`;
      if (tool.values?.has(letter) === true) return i === text.length - 1 ? takesNext() : at;
      if (tool.flags?.has(letter) !== true) {
        to.object(at, `${letter} is not known to do no harm`);
        return at;
      }
    }
    return at;
  }
  to.object(at, `${name} is not known to do no harm`);
  return at;
}
