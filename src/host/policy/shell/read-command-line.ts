import { parse } from 'unbash';
import { unseenCharacter } from './characters.ts';
import {
  MAX_LINE_CHARS,
  MAX_LINE_DEPTH,
  MAX_LINE_EXPANSIONS,
  type CommandLine,
} from './command-line.ts';
import { Reading, type ScriptPlace } from './reading.ts';
import { walkScript } from './script-walk.ts';

export interface ReadOptions {
  /** The agent may hand the line to PowerShell or cmd: only words that all of them read alike. */
  readonly windows?: boolean;
}

/**
 * Reads a command line as bash, zsh and sh would all read it, and finds every command that could run
 * anywhere in it. Never throws; what cannot be read for certain is `opaque`, with the reasons. Takes
 * time in proportion to the text, which is bounded.
 */
export function readCommandLine(text: string, options: ReadOptions = {}): CommandLine {
  const reading = new Reading();
  if (options.windows === true && !/^[\w ./:=,+@-]*(?:(?:&&|\|\|?)[\w ./:=,+@-]*)*$/.test(text)) {
    reading.cannotRead('PowerShell and cmd may read it in another way');
  }
  try {
    readText(text, {
      reading,
      depth: 0,
      guessed: false,
      background: false,
      plain: null,
      walk,
      readAgain,
    });
  } catch (thrown) {
    // A stack that overflows, or a node that the parser has learned since: refused, not guessed.
    reading.cannotRead(`it cannot be read: ${thrown instanceof Error ? thrown.message : thrown}`);
  }
  const { commands, opaque, writes, reads } = reading;
  return { text, commands, opaque, writes, reads };
}

function walk(...args: Parameters<ScriptPlace['walk']>): void {
  walkScript(...args);
}

function readAgain(text: string, place: ScriptPlace): void {
  if (place.depth >= MAX_LINE_DEPTH) place.reading.cannotRead('it is nested too deeply');
  else readText(text, { ...place, depth: place.depth + 1 });
}

function readText(text: string, from: ScriptPlace): void {
  const { reading } = from;
  if (text.length > MAX_LINE_CHARS) {
    reading.cannotRead(`it is longer than ${MAX_LINE_CHARS} characters`);
    return;
  }
  // What nests takes more time than its length says.
  const expansions = text.match(/\$[({[]|`|[<>]\(/g)?.length ?? 0;
  if (expansions > MAX_LINE_EXPANSIONS) {
    reading.cannotRead('it holds too many expansions');
    return;
  }
  // Bash makes one word of it, the parser two.
  if (/(?:[^\s;&|(]|\\\n)[<>]\(/.test(text)) reading.cannotRead('a word ends in <( or >(');
  const unseen = unseenCharacter(text);
  if (unseen !== null) reading.cannotRead(unseen);
  const before = reading.commands.length;
  const script = parse(text);
  const place = { ...from, plain: [] };
  walkScript(script, place);
  if (reading.commands.length === before && script.commands.length === 0) {
    reading.cannotRead('it holds no command');
  }
  checkComments(text, place.plain, reading);
}

/**
 * An interactive zsh knows no comments: there the words after `#` are a command. Those that could
 * only be words pass.
 */
function checkComments(text: string, plain: readonly [number, number][], reading: Reading): void {
  if (!text.includes('#')) return;
  const covered = [...plain].sort((a, b) => a[0] - b[0]);
  let next = 0;
  let coveredTo = 0;
  let commentTo = 0;
  for (const { index } of text.matchAll(/(?<![^\s;&|()<>`])#/g)) {
    for (; next < covered.length; next += 1) {
      const [from, to] = covered[next] ?? [0, 0];
      if (from > index) break;
      coveredTo = Math.max(coveredTo, to);
    }
    if (index < coveredTo || index < commentTo) continue;
    const end = text.indexOf('\n', index);
    commentTo = end === -1 ? text.length : end;
    const comment = text.slice(index, commentTo);
    if (!/^#[\p{L}\p{N} _.,:/+=@%#-]*$/u.test(comment)) {
      reading.cannotRead('a comment holds more than words');
      return;
    }
  }
}
