import { expect, test } from 'vitest';
import { ruleSchema } from '../../../../src/protocol/rules/rule.ts';
import { ruleText } from '../../../../src/protocol/rules/rule-text.ts';

const text = (rule: object): string => ruleText(ruleSchema.parse(rule));

test('a rule is said in one line, whatever it holds', () => {
  expect([
    text({ decision: 'allow' }),
    text({ decision: 'allow', command: 'npm test', folder: '/home/ada/project' }),
    text({ decision: 'deny', kind: 'edit', path: '~/my notes/**' }),
    text({ decision: 'ask', host: '*.example.com', fresh: true, agent: 'codex' }),
    text({
      decision: 'allow',
      mcp: 'github/*',
      session: 's_abcdefghijkl',
      branch: 'porchlight/*',
      until: '2026-11-21T12:00:00Z',
      uses: 3,
    }),
    text({ decision: 'allow', command: 'say "hi" \\', uses: 1 }),
  ]).toEqual([
    'allow everything',
    'allow command "npm test" in /home/ada/project',
    'deny edit path "~/my notes/**"',
    'ask host *.example.com by codex with a fresh check of the person',
    'allow mcp github/* on branch porchlight/* in session s_abcdefghijkl until 2026-11-21T12:00:00Z 3 times',
    'allow command "say \\"hi\\" \\\\" once',
  ]);
});

test('what cannot be seen is marked', () => {
  expect(text({ decision: 'allow', command: 'ls\u202e\n\u001b[2J', path: 'a\u200bb' })).toBe(
    'allow command "ls‹U+202E›\\n‹U+001B›[2J" path "a‹U+200B›b"',
  );
});
