import { expect, test } from 'vitest';
import { coverage, matchesAllow, matchesAny } from '../../../../../src/host/policy/shell/match.ts';
import { readCommandLine } from '../../../../../src/host/policy/shell/read-command-line.ts';
import { readRuleWords } from '../../../../../src/host/policy/shell/rule-words.ts';
import { rulesOf } from './corpus/rules.ts';

const [gitPush, rmRf, sudo, bash, npmPublish, force] = rulesOf([
  ...['git push', 'rm -rf', 'sudo', 'bash', 'npm publish', 'git push --force'],
]);

test('a rule that denies means a command however it is written or wrapped', () => {
  const lines: [NonNullable<typeof gitPush>, string][] = [
    ...['git push', 'ls; git push origin', '/usr/bin/git push', 'g"i"t pu\\sh', 'git.exe push'].map(
      (line): [NonNullable<typeof gitPush>, string] => [gitPush!, line],
    ),
    [gitPush!, 'git -C x push'],
    [gitPush!, 'git -c a=b --no-pager push'],
    [gitPush!, 'timeout 5 env CI=1 git push'],
    [gitPush!, 'echo "$(git push)"'],
    [gitPush!, "bash -c 'ls; git push'"],
    [gitPush!, "eval 'git push'"],
    [gitPush!, 'ssh host git push'],
    [gitPush!, "ssh host 'cd x && git push'"],
    [gitPush!, 'watch git push'],
    [gitPush!, 'sudo git push'],
    [gitPush!, 'find . -exec git push \\;'],
    [gitPush!, 'x | xargs git push'],
    [gitPush!, 'f() { git push; }'],
    [gitPush!, 'cat <<E\n$(git push)\nE'],
    [rmRf!, 'rm -rf x'],
    [rmRf!, 'rm -fr x'],
    [rmRf!, 'rm x -r -v -f'],
    [sudo!, 'sudo ls'],
    [sudo!, '/usr/bin/sudo ls'],
    [bash!, "bash -c 'ls'"],
    [bash!, "timeout 5 bash -c 'ls'"],
    [bash!, 'echo x | bash'],
    [npmPublish!, 'npm --silent publish'],
    [force!, 'git push origin main --force'],
    [force!, 'git push --forc'],
  ];
  const missed = lines.filter(([rule, line]) => matchesAny(rule, readCommandLine(line)) !== 'yes');
  expect(missed.map(([, line]) => line)).toEqual([]);
});

test('a rule that denies may mean what is not known, and does not mean the rest', () => {
  const all = [
    'git "$x"',
    'git $x',
    '$x push',
    'ls; eval "$x"',
    'git pull',
    'git commit push',
    'echo git push',
  ];
  expect(all.map((line) => [line, matchesAny(gitPush!, readCommandLine(line))])).toEqual([
    ['git "$x"', 'maybe'],
    ['git $x', 'maybe'],
    ['$x push', 'maybe'],
    ['ls; eval "$x"', 'maybe'],
    ['git pull', 'no'],
    ['git commit push', 'no'],
    ['echo git push', 'no'],
  ]);
  const upper = readCommandLine('GIT push');
  expect([matchesAny(gitPush!, upper), matchesAny(gitPush!, upper, { ignoreCase: true })]).toEqual([
    'no',
    'yes',
  ]);
});

test('a line is covered when each of its commands is, by whichever rule', () => {
  const rules = rulesOf(['git status', 'npm test']);
  const { covered, commands, writes } = coverage(
    readCommandLine('git status && npm test > out.txt; rm x'),
    rules,
  );
  expect({
    covered,
    commands: commands.map(({ command, rule, why }) => [command.words[0]?.text, rule, why]),
    writes: writes.map(({ text }) => text),
  }).toEqual({
    covered: false,
    commands: [
      ['git', 0, null],
      ['npm', 1, null],
      ['rm', null, 'no rule allows it'],
    ],
    writes: ['out.txt'],
  });
});

test('an option that does harm passes only when the rule names it', () => {
  const line = readCommandLine('git log --output=x');
  const rules = rulesOf(['git log', 'git log --output=x', 'git']);
  expect(rules.map((rule) => matchesAllow(rule, line))).toEqual([false, true, false]);
});

test('privilege needs a rule that names it and what it runs', () => {
  const line = readCommandLine('sudo apt-get update');
  const rules = rulesOf(['apt-get update', 'sudo', 'sudo apt-get update']);
  expect(rules.map((rule) => matchesAllow(rule, line))).toEqual([false, false, true]);
});

test('in another folder only those commands pass that do the same anywhere', () => {
  const rules = rulesOf(['npm test', 'cat', 'cd']);
  const place = { cwd: '/home/p/project' };
  const covered = (text: string): boolean => coverage(readCommandLine(text), rules, place).covered;
  const lines = [
    'cd /home/p/project && npm test',
    'cd sub && cat a',
    'cd sub && npm test',
    'cd .. && npm test',
  ];
  expect(lines.map(covered)).toEqual([true, true, false, false]);
  const after = coverage(readCommandLine('cd sub && cat a > b > /tmp/c'), rules, place);
  expect(after.writes.map(({ text }) => text)).toEqual([null, '/tmp/c']);
});

test('on Windows only words pass that every shell there reads alike', () => {
  const read = (text: string): boolean =>
    readCommandLine(text, { windows: true }).opaque.length === 0;
  expect(['git status', 'npm test && git diff'].map(read)).toEqual([true, true]);
  const odd = [
    "echo 'a & calc'",
    'dir %TEMP%',
    'ls $env:X',
    'ls (calc)',
    'a ^& b',
    'ls {calc}',
    '"a"',
  ];
  expect(odd.filter(read)).toEqual([]);
});

test('the words of a rule are those of one plain command', () => {
  const read = (text: string): unknown => {
    const rule = readRuleWords(text);
    return 'problem' in rule ? 'problem' : rule.words;
  };
  const texts = [
    'git status',
    "node 'a b.mjs'",
    'sh -c ls',
    'a; b',
    'a | b',
    'a > b',
    '$x',
    'ls *',
    'A=1 b',
    '',
    'a\u200b',
  ];
  expect(texts.map(read)).toEqual([
    ['git', 'status'],
    ['node', 'a b.mjs'],
    ['sh', '-c', 'ls'],
    ...Array.from({ length: 8 }, () => 'problem'),
  ]);
});
