import { expect, test } from 'vitest';
import { readCommandLine } from '../../../../../src/host/policy/shell/read-command-line.ts';

/** The commands of a line, each with its words; `?` and what is known of a word that is not. */
function commands(text: string): string[] {
  return readCommandLine(text)
    .commands.filter(({ guessed }) => !guessed)
    .map(({ words }) => words.map((word) => word.text ?? `?${word.begins}`).join(' '));
}

test('every command that could run anywhere in a line is found, with its words', () => {
  const lines: [string, string[]][] = [
    ['git status', ['git status']],
    [`g"i"t st'at'us $'-s'`, ['git status -s']],
    ['a | b |& c && d || e ; f & g\nh', ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']],
    ['(a; { b; }) > x', ['a', 'b']],
    ['echo "$(a `b`)" <(c) >(d)', ['b', 'a ?', 'c', 'd', 'echo ? ?/dev/fd/ ?/dev/fd/']],
    ['cat <<E\n$(a)\nE', ['a', 'cat']],
    ["cat <<'E'\n$(a)\nE", ['cat']],
    ['if a; then b; elif c; then d; else e; fi', ['a', 'b', 'c', 'd', 'e']],
    ['while a; do b; done; until c; do d; done', ['a', 'b', 'c', 'd']],
    ['for f in $(a); do b "$f"; done', ['a', 'b ?']],
    ['case $(a) in x) b;; *) c;; esac', ['a', 'b', 'c']],
    ['! a; time -p b', ['a', 'b']],
    ['ls src/*.ts ~/x "a$b"', ['ls ?src/ ?~ ?a']],
    ['timeout 5 nice -n 3 env CI=1 a b', ['a b']],
    ['bash -lc "a && sh -c b"', ['a', 'b']],
    ['a | xargs -n1 b c', ['a', 'b c ?']],
  ];
  expect(lines.map(([text]) => [text, commands(text)])).toEqual(lines);
});

test('what cannot be read for certain is said to be opaque', () => {
  const clear = ['ls', 'ls "a b"', 'CI=1 npm test', 'ls > x', '# words only\nls'];
  const opaque = [
    ...['', ' ', '#', 'ls "', 'ls $(', 'cat <<E', '(ls', 'ls )', 'eval ls', '. x', 'source x'],
    ...[
      'alias ls=rm',
      'f() { ls; }',
      'PATH=/x ls',
      'IFS=x ls',
      '$x',
      '"$x" a',
      'ls \u200b',
      'ls\r',
    ],
    ...[
      'ls \u202e',
      'ls \0',
      'ls $((a[1]))',
      'ls ${x@P}',
      'ls ${!x}',
      '[[ -v x ]]',
      '((x))',
      'ls !!',
    ],
    ...[
      'coproc ls',
      'x=(1)',
      'a[1]=2',
      'x+=1',
      'ls *(x)',
      "ls # it's",
      '> x',
      'ls >! x',
      'exec > x',
    ],
    ...[
      '/tmp/timeout 5 ls',
      'env -S "ls x"',
      'sh -c "$x"',
      '[[ a && b ]]',
      'ls > /dev/tcp/a/1',
      'ls a>(b)',
      'ls a\\\n>(b)',
    ],
  ];
  expect(clear.filter((text) => readCommandLine(text).opaque.length > 0)).toEqual([]);
  expect(opaque.filter((text) => readCommandLine(text).opaque.length === 0)).toEqual([]);
});

test('a redirection says which file it writes or reads', () => {
  const {
    writes,
    reads,
    commands: found,
  } = readCommandLine('a > x 2>&1 2>/dev/null >> "y z" < in');
  expect({
    writes: writes.map(({ text }) => text),
    reads: reads.map(({ text }) => text),
    own: found[0]?.redirections.map(({ to, target }) => `${to} ${target.text}`),
  }).toEqual({ writes: ['x', 'y z'], reads: ['in'], own: ['write x', 'write y z', 'read in'] });
});
