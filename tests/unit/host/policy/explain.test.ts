import { expect, test } from 'vitest';
import { command, edit, placed, policyOf } from './policy-bench.ts';

test('each step is said in words', () => {
  const policy = policyOf([
    { decision: 'allow', command: 'npm test' },
    { decision: 'deny', path: 'dist/**' },
  ]);
  expect([
    policy.explain(command('npm test && git push'), placed()).steps,
    policy.explain(edit('dist/a.js'), placed()).steps,
    policy.explain(command('porchlight approve a_1'), placed()).steps.slice(2),
  ]).toEqual([
    [
      'It is a call of the kind execute, in /work/app.',
      'It runs: npm test · git push.',
      'Not told whole, so that no rule about it allows: paths.',
      'git: no rule allows it.',
      'So it asks: no rule allows it.',
    ],
    [
      'It is a call of the kind edit, in /work/app.',
      'Paths: write /work/app/dist/a.js.',
      'These deny it: deny path dist/** (user).',
      'So it is denied: deny path dist/** (user).',
    ],
    [
      'Not told whole, so that no rule about it allows: paths.',
      'It touches Porchlight itself (porchlight): no rule allows that.',
      'So it asks, whatever the rules say.',
    ],
  ]);
});

test('what an agent does not ask about in its mode is said', () => {
  const policy = policyOf([]);
  const unasked = (mode: 'ask' | 'edits' | 'auto', path: string) =>
    policy.explain(edit(path), placed({ mode })).notEnforceable;
  expect([
    unasked('ask', 'a.ts'),
    unasked('edits', 'a.ts'),
    unasked('edits', '/etc/x'),
    unasked('auto', '/etc/x'),
  ]).toEqual([
    null,
    'Claude Code may not ask about this in the mode edits: it edits files in the folder by itself (0.100.0, measured)',
    null,
    'Claude Code may not ask about this in the mode auto: a model of its own decides what to ask about (Claude Code 2.1.329, measured)',
  ]);
});

test('nothing in the steps hides', () => {
  const { steps } = policyOf([]).explain(command('ls \u202egnp.exe'), placed());
  expect(steps.join('\n')).not.toMatch(/[\u202a-\u202e\u001b]/u);
});
