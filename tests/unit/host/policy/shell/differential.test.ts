import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CommandLine, ShellWord } from '../../../../../src/host/policy/shell/command-line.ts';
import { readCommandLine } from '../../../../../src/host/policy/shell/read-command-line.ts';
import { bashRuns } from './corpus/bash-runs.ts';

/** `PORCHLIGHT_PROOF=all` tries many more. */
const LINES = process.env['PORCHLIGHT_PROOF'] === 'all' ? 20_000 : 600;
const MOST_PIECES = 14;

const PIECES = [
  ...[
    'aa',
    'bb',
    'cc',
    'aa ',
    'bb ',
    'cc ',
    ' ',
    ' ',
    ' ',
    '-x',
    "'",
    '"',
    '\\',
    '\n',
    '\\\n',
    '#',
  ],
  ...[
    ';',
    '&',
    '|',
    '&&',
    '||',
    '|&',
    '(',
    ')',
    '{ ',
    '}',
    '; }',
    '$(',
    '`',
    '<(',
    '>(',
    '$((',
    '))',
  ],
  ...['<<E\n', '<<-E\n', "<<'E'\n", '\nE\n', 'E', '<<<', '<', '>', '>>', '>|', '&>', '2>&1', '<>'],
  ...['if ', '; then ', '; fi', 'for x in ', '; do ', '; done', 'case a in ', 'a) ', ';;', ' esac'],
  ...[
    '$x',
    '${x:-',
    '"$x"',
    '$@',
    '${',
    "$'",
    '\\x41',
    '*',
    '~',
    '?',
    '[',
    ']',
    '{a,b}',
    '=',
    'x=',
    '!',
  ],
  ...[
    '[[ ',
    ' ]]',
    '((',
    'time ',
    '! ',
    'env ',
    'sh -c ',
    'eval ',
    'command ',
    'f() ',
    'then',
    'in',
    '$',
  ],
];

test('bash runs no command of a readable line that was not read', { timeout: 120_000 }, () => {
  const lines = fc
    .sample(fc.array(fc.constantFrom(...PIECES), { minLength: 2, maxLength: MOST_PIECES }), {
      numRuns: LINES * 8,
      seed: Number(process.env['PORCHLIGHT_SEED'] ?? 5),
    })
    .map((pieces) => pieces.join(''));
  const readable = [...new Set(lines)]
    .map((line) => ({ line, read: readCommandLine(line) }))
    .filter(({ read }) => read.opaque.length === 0)
    .slice(0, LINES);
  expect(readable.length).toBeGreaterThan(LINES / 10);
  const runs = bashRuns(readable.map(({ line }) => line));
  expect(runs.length).toBe(readable.length);
  const unread = readable.flatMap(({ line }, at) =>
    (runs[at] ?? [])
      // What `>(…)` runs is not waited for: it may be told of a little later.
      .filter(
        (words) => !readable.slice(Math.max(at - 9, 0), at + 1).some((one) => ran(words, one.read)),
      )
      .map((words) => ({ line, words })),
  );
  expect(unread.slice(0, 10)).toEqual([]);
});

function ran(words: readonly string[], { commands }: CommandLine): boolean {
  return commands.some(({ forms }) => forms.some((form) => isRun(words, form.words)));
}

/** Whether these words can be what was read. */
function isRun(words: readonly string[], read: readonly ShellWord[]): boolean {
  const [next, ...rest] = read;
  if (next === undefined) return words.length === 0;
  if (next.many && isRun(words, rest)) return true;
  const [word, ...left] = words;
  if (word === undefined) return false;
  // A word that is below the home begins with wherever that is.
  const fits =
    next.text === null ? next.begins === '~' || word.startsWith(next.begins) : word === next.text;
  return fits && (isRun(left, rest) || (next.many && isRun(left, read)));
}
