import type { Call, FileDiff } from './approval.ts';

/**
 * The whole call as lines of plain text, nothing of it cut: for places that show text only. What is in
 * them is the agent's; make it visible before it is shown.
 */
export function callText(call: Call): string[] {
  return [...inputLines(call), ...call.diff.flatMap(diffLines)];
}

function inputLines(call: Call): string[] {
  const command = commandOf(call.input);
  if (command !== null) return [...command.words.split('\n'), ...command.beside.flatMap(field)];
  // The diff says the same as the input of an edit, and says it better.
  if (call.diff.length > 0 || call.input === undefined) return [];
  return isRecord(call.input)
    ? Object.entries(call.input).flatMap(field)
    : (JSON.stringify(call.input, null, 2) ?? '').split('\n');
}

/** Names under which agents give a shell command: Codex `cmd` and a list of words, the others `command`. */
const COMMAND_KEYS = ['command', 'cmd'] as const;

interface Command {
  readonly words: string;
  /** What else the input says: a time limit, a folder … */
  readonly beside: readonly [string, unknown][];
}

function commandOf(input: unknown): Command | null {
  if (!isRecord(input)) return null;
  for (const key of COMMAND_KEYS) {
    const words = wordsOf(input[key]);
    if (words === null) continue;
    // A description is the agent's own gloss on the command; it changes nothing of what runs.
    const beside = Object.entries(input).filter(([name]) => name !== key && name !== 'description');
    return { words, beside };
  }
  return null;
}

/** A list of words is shown as one would type it. */
function wordsOf(command: unknown): string | null {
  if (typeof command === 'string') return command;
  if (!Array.isArray(command) || command.length === 0) return null;
  const words = command.filter((word) => typeof word === 'string');
  return words.length === command.length ? words.map(quoted).join(' ') : null;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** `name: value`; what is longer than a line stands below its name. */
function field([name, value]: readonly [string, unknown]): string[] {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  const lines = text.split('\n');
  return lines.length === 1
    ? [`${name}: ${text}`]
    : [`${name}:`, ...lines.map((line) => `  ${line}`)];
}

function isRecord(input: unknown): input is Record<string, unknown> {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
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
