import {
  forEachChild,
  type AssignmentPrefix,
  type CommandArgument,
  type SyntaxNode,
  type Word,
  type WordPart,
} from 'unbash';
import { knownWord, unknownWord, type ShellWord } from './command-line.ts';
import type { ScriptPlace } from './reading.ts';
import { callsUpHistory, literalText } from './word-text.ts';

interface FoundInWord {
  /** Its text is not known before it runs. */
  expands: boolean;
  /** It may become none or several words. */
  many: boolean;
  /** The words it becomes may begin with anything. */
  splits: boolean;
  hasScript: boolean;
}

const PLAIN_NAME = /^(?:[A-Za-z_]\w*|[0-9@*#?$!-])$/;
const NUMBERS_ONLY = /^\$\(\([\s\d+*/%()<>=!&|^~?:,-]*\)\)$/;

/** Reads one word, and walks the scripts that stand in it. */
export function shellWord(word: Word, place: ScriptPlace): ShellWord {
  const { parts = [], text } = word;
  const found: FoundInWord = { expands: false, many: false, splits: false, hasScript: false };
  for (const part of parts) visitPart(part, place, false, found);
  if (!found.hasScript) place.plain?.push([word.pos, word.end]);
  if (/\$[A-Za-z_]\w*\[/.test(text)) place.reading.cannotRead(`${text} is computed by zsh`);
  if (callsUpHistory(text)) place.reading.cannotRead(`${text} may call up an earlier command`);
  if (text === '[') return knownWord('[');
  const literal = literalText(text);
  if (literal === null) return inexact(word, found, place);
  if (found.expands || literal !== word.value) {
    place.reading.cannotRead(`${text} can be read in two ways`);
    return unknownWord(text, '', true);
  }
  return knownWord(literal, text);
}

function inexact(word: Word, found: FoundInWord, place: ScriptPlace): ShellWord {
  const { text } = word;
  const start = (begins: string): ShellWord =>
    unknownWord(text, found.splits ? '' : begins, found.many);
  if (text.startsWith('~')) {
    const rest = /^~(?:\/|$)/.test(text) ? literalText(text.slice(2)) : null;
    return rest === null ? start('~') : { ...start('~'), belowHome: rest };
  }
  if (text.startsWith('=')) return start('=');
  if (text.startsWith('^')) return unknownWord(text, '', true);
  if (!found.expands && !/[=:]~/.test(text)) place.reading.cannotRead(`${text} cannot be read`);
  return start(knownStart(word.parts ?? []));
}

/** What a word begins with before its first expansion. */
function knownStart(parts: readonly WordPart[]): string {
  let out = '';
  for (const part of parts) {
    if (part.type === 'DoubleQuoted') {
      for (const child of part.parts) {
        const text = child.type === 'Literal' ? literalText(`"${child.text}"`) : null;
        if (text === null) return out;
        out += text;
      }
    } else if (part.type === 'ProcessSubstitution') {
      return out === '' ? '/dev/fd/' : out;
    } else {
      const known = ['Literal', 'SingleQuoted', 'AnsiCQuoted'].includes(part.type);
      const text = known ? literalText(part.text) : null;
      if (text === null) return out;
      out += text;
    }
  }
  return out;
}

/** `name=value` among the arguments, as `export` and its kin have them. */
export function argumentWord(argument: CommandArgument, place: ScriptPlace): ShellWord {
  if (argument.type === 'Word') return shellWord(argument, place);
  assignedWord(argument, place);
  const text = literalText(argument.text);
  if (text === null) return unknownWord(argument.text, `${argument.name}=`);
  return knownWord(text, argument.text);
}

/** The value that an assignment gives; arrays and additions cannot be read. */
export function assignedWord(assignment: AssignmentPrefix, place: ScriptPlace): ShellWord {
  const { value, index, append, text } = assignment;
  if (index !== undefined || append === true || value.type === 'ArrayValue') {
    place.reading.cannotRead(`${text} assigns to an array, or adds to a variable`);
  }
  if (index !== undefined) shellWord(index, place);
  if (value.type === 'Word') return shellWord(value, place);
  for (const element of value.elements) shellWord(element, place);
  return unknownWord(text, '', true);
}

/** The parts of a text that expands like a word, such as the body of a here-document. */
export function visitParts(parts: readonly WordPart[], place: ScriptPlace): void {
  const found: FoundInWord = { expands: false, many: false, splits: false, hasScript: false };
  for (const part of parts) visitPart(part, place, true, found);
}

/** Walks the scripts within a node that is itself not read. */
export function walkWithin(node: SyntaxNode, place: ScriptPlace): void {
  forEachChild(node, (child) => {
    if (child.type === 'Script') place.walk(child, place);
    else walkWithin(child, place);
  });
}

function visitPart(part: WordPart, place: ScriptPlace, quoted: boolean, found: FoundInWord): void {
  const cannotRead = (why: string): void => place.reading.cannotRead(`${part.text} ${why}`);
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      place.plain?.push([part.pos, part.end]);
      return;
    case 'DoubleQuoted':
      for (const child of part.parts) visitPart(child, place, true, found);
      return;
    case 'LocaleString':
      cannotRead('is translated');
      found.expands = true;
      walkWithin(part, place);
      return;
    case 'Glob':
      found.expands = true;
      found.many = true;
      for (const child of part.parts ?? []) visitPart(child, place, quoted, found);
      return;
    case 'BraceExpansion':
      if (/[$`"'\\]/.test(part.text)) cannotRead('cannot be read');
      found.expands = true;
      found.many = true;
      walkWithin(part, place);
      return;
    case 'SimpleExpansion':
      expand(found, quoted, part.text === '$@');
      place.plain?.push([part.pos, part.end]);
      if (!PLAIN_NAME.test(part.text.slice(1))) cannotRead('cannot be read');
      return;
    case 'ParameterExpansion':
      expand(found, quoted, part.parameter === '@');
      visitParameter(part, place, found);
      return;
    case 'CommandExpansion':
    case 'ProcessSubstitution':
      if (part.type === 'CommandExpansion') expand(found, quoted, false);
      else found.many = true;
      found.expands = true;
      found.hasScript = true;
      place.walk(part.script, place);
      return;
    case 'ArithmeticExpansion':
      expand(found, quoted, false);
      if (NUMBERS_ONLY.test(part.text)) return;
      cannotRead('is computed');
      found.hasScript = true;
      walkWithin(part, place);
      return;
    case 'ExtendedGlob':
      cannotRead('is a pattern that shells read differently');
      found.expands = true;
      found.many = true;
      found.hasScript = true;
      walkWithin(part, place);
      return;
    default:
      place.reading.cannotRead('it holds a word of an unknown kind');
      found.expands = true;
  }
}

function expand(found: FoundInWord, quoted: boolean, list: boolean): void {
  found.expands = true;
  if (!quoted) found.splits = true;
  if (!quoted || list) found.many = true;
}

type Parameter = Extract<WordPart, { type: 'ParameterExpansion' }>;

function visitParameter(part: Parameter, place: ScriptPlace, found: FoundInWord): void {
  if (/[`]|[$<>=]\(/.test(part.text)) found.hasScript = true;
  else place.plain?.push([part.pos, part.end]);
  walkWithin(part, place);
  const { operation: op, prefix } = part;
  // All else computes, assigns, goes through another name, or is read otherwise by zsh.
  const sure =
    PLAIN_NAME.test(part.parameter) &&
    part.index === undefined &&
    (prefix === undefined || (prefix === '#' && op === undefined)) &&
    (op === undefined ||
      (op.type === 'Default' && ['-', ':-', '+', ':+'].includes(op.operator)) ||
      op.type === 'Remove' ||
      op.type === 'Replace');
  if (!sure || operandIsOdd(part)) place.reading.cannotRead(`${part.text} is computed`);
}

/** Within braces only plain text, quotes, variables and commands are read. */
function operandIsOdd(part: Parameter): boolean {
  let odd = false;
  const look = (node: SyntaxNode): void => {
    if (node.type === 'Script') return;
    if (node.type === 'ParameterExpansion' || node.type === 'ArithmeticExpansion') odd = true;
    if (node.type === 'ExtendedGlob' || node.type === 'LocaleString') odd = true;
    forEachChild(node, look);
  };
  forEachChild(part, look);
  return odd;
}
