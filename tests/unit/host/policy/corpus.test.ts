import { expect, test } from 'vitest';
import { command, placed, policyOf } from './policy-bench.ts';
import { ATTACKS, ORDINARY_RULES } from './shell/corpus/corpus.ts';

test('of the commands written to slip through, the whole policy allows none', () => {
  const policy = policyOf([
    ...ORDINARY_RULES.map((words) => ({ decision: 'allow', command: words })),
    { decision: 'allow', kind: 'edit', path: 'out/**' },
  ]);
  const allowed = ATTACKS.filter(
    ({ line }) => policy.judge(command(line), placed()).decision === 'allow',
  );
  expect(allowed.map(({ line }) => line)).toEqual([]);
});
