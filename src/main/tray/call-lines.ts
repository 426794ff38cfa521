import type { Approval, Call, FileDiff } from '../../protocol/approval/approval.ts';

/** A menu is no place to read more than this; the window shows any length. */
const MAX_LINES = 24;
const MAX_LINE_CHARS = 100;

/**
 * The whole call as lines for a menu, or null when it is too long to be shown whole there: what
 * cannot be shown must not be allowed from the tray.
 */
export function callLines(approval: Approval): readonly string[] | null {
  const text = [...inputLines(approval.call), ...approval.call.diff.flatMap(diffLines)];
  const lines = text.flatMap((line) => wrap(visible(line)));
  return lines.length > MAX_LINES || lines.length === 0 ? null : lines;
}

function inputLines(call: Call): string[] {
  const command = commandOf(call.input);
  if (command !== null) return command.split('\n');
  // The diff says the same as the input of an edit, and says it better.
  if (call.diff.length > 0 || call.input === undefined) return [];
  return (JSON.stringify(call.input, null, 2) ?? '').split('\n');
}

/** A shell command, when that is all the input says; anything beside it is shown as JSON. */
function commandOf(input: unknown): string | null {
  if (typeof input !== 'object' || input === null || !('command' in input)) return null;
  const { command, ...rest } = input as { command: unknown; description?: unknown };
  // A description is the agent's own gloss on the command; it changes nothing of what runs.
  if (Object.keys(rest).some((key) => key !== 'description')) return null;
  return typeof command === 'string' ? command : null;
}

function diffLines(diff: FileDiff): string[] {
  const before = diff.oldText === null ? [] : diff.oldText.split('\n');
  const after = diff.newText.split('\n');
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1;
  let tail = 0;
  while (
    tail < before.length - head &&
    tail < after.length - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  )
    tail += 1;
  return [
    diff.oldText === null ? `New file ${diff.path}` : diff.path,
    ...before.slice(head, before.length - tail).map((line) => `− ${line}`),
    ...after.slice(head, after.length - tail).map((line) => `+ ${line}`),
  ];
}

/**
 * Makes what a menu would hide or reorder visible: control characters, direction overrides and
 * characters of no width. Otherwise a command could look like another one.
 */
export function visible(text: string): string {
  return text.replaceAll('\t', '\\t').replace(DECEIVING, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}

/** Control and format characters, and every blank that is not the plain space. */
const DECEIVING =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u{a0}\u{115f}\u{1160}\u{1680}\u{2000}-\u{200a}\u{202f}\u{205f}\u{2800}\u{3000}\u{3164}\u{ffa0}]/gu;

function wrap(line: string): string[] {
  const characters = [...line];
  const lines: string[] = [];
  for (let at = 0; at < characters.length; at += MAX_LINE_CHARS)
    lines.push(characters.slice(at, at + MAX_LINE_CHARS).join(''));
  return lines.length === 0 ? [' '] : lines;
}
