import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../../../build/programs.mjs';
import { failureList, failuresOf } from '../../../build/test-failures.mjs';

const test = (fullName: string, status: string, ...failureMessages: string[]) => ({
  fullName,
  status,
  failureMessages,
});

it('names each test that failed with its file and the beginning of its message, without colours', () => {
  const report = {
    testResults: [
      {
        name: join(root, 'tests/unit/a.test.ts'),
        status: 'failed',
        assertionResults: [
          test('a stands', 'passed'),
          test('b falls', 'failed', `\u001B[31mexpected 1\u001B[39m\n${'at x\n'.repeat(40)}`),
        ],
      },
      {
        name: join(root, 'tests/unit/b.test.ts'),
        status: 'failed',
        message: 'cannot be loaded',
        assertionResults: [],
      },
    ],
  };
  expect(failureList(failuresOf(report))).toBe(
    [
      '\n── failed ──',
      'FAILED tests/unit/a.test.ts > b falls',
      '    expected 1',
      ...Array.from({ length: 11 }, () => '    at x'),
      'FAILED tests/unit/b.test.ts',
      '    cannot be loaded',
      '',
    ].join('\n'),
  );
});

it('says nothing where nothing failed, and tells no more than a screenful', () => {
  expect(failureList(failuresOf(null))).toBe('');
  expect(failureList(Array.from({ length: 14 }, () => 'FAILED x'))).toMatch(/and 2 more, above\n$/);
});
