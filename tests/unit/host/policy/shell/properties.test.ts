import fc from 'fast-check';
import { expect, test } from 'vitest';
import { coverage } from '../../../../../src/host/policy/shell/match.ts';
import { readCommandLine } from '../../../../../src/host/policy/shell/read-command-line.ts';
import { rulesOf } from './corpus/rules.ts';
import { cases } from '../../../../support/cases.ts';

const rules = rulesOf(['git status', 'ls', 'echo', 'cat']);
const isAllowed = (line: string): boolean => coverage(readCommandLine(line), rules).covered;

const quoted = (char: string, how: number): string => {
  if (how === 1) return `'${char}'`;
  if (how === 2) return `"${char}"`;
  if (how === 3) return `\\${char}`;
  if (how === 4) return `$'${char}'`;
  if (how === 5) return `""${char}''`;
  if (how === 6) return `$'\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}'`;
  return char;
};

/** Of each command, in each form that it may run as. */
const wordsOf = (line: string): (string | null)[][][] =>
  readCommandLine(line).commands.map(({ forms }) =>
    forms.map(({ words }) => words.map(({ text }) => text)),
  );

test('a plain line is its words', () => {
  expect(wordsOf('git status -s')).toEqual([[['git', 'status', '-s']]]);
});

/** POSIX.1-2024, Shell 2.4, and what bash adds. */
const RESERVED = new Set(
  'case coproc do done elif else esac fi for function if in select then time until while'.split(
    ' ',
  ),
);

test('quotes change nothing about what a command is', () => {
  // Quoted, a word of the grammar is none any more.
  const word = fc.stringMatching(/^[a-z][a-z0-9./-]{0,6}$/).filter((text) => !RESERVED.has(text));
  const words = fc.array(word, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(words, fc.infiniteStream(fc.integer({ min: 0, max: 6 })), (plain, hows) => {
      const line = plain
        .map((word) => [...word].map((char) => quoted(char, hows.next().value ?? 0)).join(''))
        .join(' ');
      expect(wordsOf(line)).toEqual(wordsOf(plain.join(' ')));
      expect(isAllowed(`git ${line}`)).toBe(isAllowed(`git ${plain.join(' ')}`));
    }),
    { numRuns: cases(150, 500) },
  );
});

test('a second command anywhere in an allowed line is never allowed with it', () => {
  const evil = [
    ...[';evil', '|evil', '&evil', '&&evil', '||evil', '\nevil', '$(evil)', '`evil`', '|&evil'],
    ...[';evil;', '|evil|cat', '&evil&', '\nevil\n', '"$(evil)"', '"`evil`"', '${x:-$(evil)}'],
    ...['<(evil)', ' >(evil)', ';(evil)', ';{ evil;}', ';! evil', ' <<<$(evil)', ';x=$(evil);'],
    ...['$((`evil`))', ';if evil;then ls;fi;', ';for i in $(evil);do ls;done;', ' > $(evil)'],
  ];
  const bases = [
    'git status',
    'ls -la src',
    'echo a b c',
    'cat a.txt | cat',
    'ls; echo x && git status',
  ];
  for (const base of bases) expect(isAllowed(base)).toBe(true);
  const slipped: string[] = [];
  for (const base of bases) {
    for (const piece of evil) {
      for (let at = 0; at <= base.length; at += 1) {
        const line = `${base.slice(0, at)}${piece}${base.slice(at)}`;
        if (isAllowed(line)) slipped.push(line);
      }
    }
  }
  expect(slipped).toEqual([]);
});

test('no text makes the reader throw, and what it cannot read it does not allow', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.string({ unit: fc.constantFrom(...'ab $(){}[]<>|&;"\'`\\\n#!*?~=-'), maxLength: 80 }),
  );
  fc.assert(
    fc.property(text, (line) => {
      const read = readCommandLine(line);
      if (read.opaque.length > 0) expect(coverage(read, rules).covered).toBe(false);
    }),
    { numRuns: cases(150, 500) },
  );
});

test('long and hostile lines are read in time, or refused', () => {
  const slow: string[] = [];
  for (const piece of [
    ...[
      '(',
      ')',
      '$(',
      '"$(',
      '`',
      "'",
      '"',
      '{',
      '}',
      '{,',
      '{}',
      '{a',
      '${a:-',
      '$((',
      '[',
      '[[ ( ',
    ],
    ...[
      'cat <<E\n',
      "cat <<'E'\n",
      '<<',
      '<<<',
      '>',
      '<(',
      'a|',
      'a;',
      'a&&',
      'if ',
      'case x in ',
      'f(){ ',
    ],
    ...[
      '!',
      '! ',
      '#',
      ' #',
      '\\',
      '\\\n',
      '~',
      '=',
      'x=',
      'x=(',
      'a[',
      "$'",
      "$'\\x",
      '$"',
      'eval ',
      'sh -c ',
    ],
    ...[
      "sh -c '",
      'sudo ',
      'env ',
      'xargs ',
      'find -exec ',
      'timeout 5 ',
      'a b ',
      "'a b' ",
      'eval "a b" ',
      '*(',
      '@(',
    ],
    ...[
      'sed s/a/b/;',
      "sed '",
      'p;',
      '-',
      '--a=',
      '\u{1f600}',
      '\ufe0f',
      '\n',
      ' ',
      'time ',
      'coproc ',
    ],
  ]) {
    for (const chars of [100_000, 32_000]) {
      const line = piece.repeat(chars / piece.length);
      // Time of the processor, the best of some: the machine may be busy with something else.
      let best = Infinity;
      for (let run = 0; run < 3 && best > 50; run += 1) {
        const start = process.cpuUsage();
        readCommandLine(line);
        best = Math.min(best, process.cpuUsage(start).user / 1_000);
      }
      if (best > 50) slow.push(`${JSON.stringify(piece)} × ${chars}: ${best.toFixed(0)} ms`);
    }
  }
  expect(slow).toEqual([]);
});
