import { expect, test } from 'vitest';
import { coverage } from '../../../../../src/host/policy/shell/match.ts';
import { proposeWords } from '../../../../../src/host/policy/shell/propose-words.ts';
import { readCommandLine } from '../../../../../src/host/policy/shell/read-command-line.ts';
import { ATTACKS } from './corpus/corpus.ts';
import { HARMLESS } from './corpus/harmless.ts';
import { rulesOf } from './corpus/rules.ts';

const place = { cwd: '/home/p/project' };

test('"always" proposes the shortest words that let the command run again', () => {
  const lines: [string, string[]][] = [
    ['npm test -- --run x', ['npm test']],
    ['npm run build', ['npm run build']],
    ['git commit -m "a b"', ['git commit']],
    ['git -C /home/p/project status', ['git status']],
    ['git log --output=x', ['git log --output=x']],
    ['node scripts/build.mjs x', ['node scripts/build.mjs']],
    ['npx vitest run a', ['npx vitest run']],
    ['python3 -m pytest tests', ['python3 -m pytest']],
    ['./scripts/check.sh a', ['./scripts/check.sh']],
    ["./it\\'s\\ here.sh x", ["'./it'\\''s here.sh'"]],
    ['mytool build src', ['mytool build']],
    ['git status && npm test | head -5', ['git status', 'npm test', 'head']],
    ['cd /home/p/project && npm test || true', ['npm test']],
    ['timeout 60 npm test', ['npm test']],
    ["bash -lc 'git status'", ['git status']],
    ['git diff | git diff', ['git diff']],
    ...[
      'bash',
      'node',
      'sudo ls',
      'ssh host ls',
      'env -i ls',
      'rm -rf x',
      'eval ls',
      '$x',
      'ls "',
    ].map((line): [string, string[]] => [line, []]),
    ['git diff $x', []],
  ];
  expect(lines.map(([line]) => [line, proposeWords(readCommandLine(line), place)])).toEqual(lines);
});

test('what is proposed covers the line, and is never an interpreter or a wrapper alone', () => {
  const lines = [...HARMLESS, ...ATTACKS.map(({ line }) => line)];
  const alone =
    /^(?:bash|sh|zsh|dash|node|python3?|perl|ruby|env|sudo|doas|xargs|npx|ssh|eval|timeout|nohup)$/;
  const wrong = lines.filter((text) => {
    const line = readCommandLine(text);
    const proposed = proposeWords(line, place);
    if (proposed.length === 0) return false;
    return (
      proposed.some((rule) => alone.test(rule)) || !coverage(line, rulesOf(proposed), place).covered
    );
  });
  expect(wrong).toEqual([]);
});
