import { expect, test } from 'vitest';
import { coverage } from '../../../../../src/host/policy/shell/match.ts';
import { readCommandLine } from '../../../../../src/host/policy/shell/read-command-line.ts';
import { ATTACKS, ORDINARY_RULES } from './corpus/corpus.ts';
import { rulesOf } from './corpus/rules.ts';

const rules = rulesOf(ORDINARY_RULES);

test('none of the commands written to slip through is allowed', () => {
  const allowed = ATTACKS.filter(({ line }) => {
    const { covered, writes } = coverage(readCommandLine(line), rules, { cwd: '/home/p/project' });
    return covered && writes.length === 0;
  });
  expect(allowed.map(({ line }) => line)).toEqual([]);
  expect(ATTACKS.length).toBeGreaterThanOrEqual(450);
});
