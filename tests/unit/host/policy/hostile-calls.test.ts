import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TOOL_KINDS } from '../../../../src/protocol/approval/tool-kinds.ts';
import type { AskedCall } from '../../../../src/host/policy/policy.ts';
import { command, edit, placed, policyOf } from './policy-bench.ts';
import { cases } from '../../../support/cases.ts';

const policy = policyOf([
  { decision: 'allow', kind: 'edit', path: '**' },
  { decision: 'deny', command: 'rm' },
  { decision: 'ask', host: '*.example.com' },
]);

test('no call makes the policy throw, and each gets an answer', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string(),
    fc.constantFrom('\0', '~', '../', '$(', "'", '\ud800'),
  );
  const field = fc.oneof(
    fc.constantFrom('command', 'file_path', 'url', 'cwd', 'patch', 'files'),
    text,
  );
  const input = fc.oneof(
    fc.dictionary(field, fc.oneof(text, fc.array(text), fc.jsonValue())),
    fc.jsonValue(),
  );
  const call = fc.record({
    kind: fc.constantFrom(...TOOL_KINDS, 'question' as const),
    title: text,
    call: fc.record({
      tool: text,
      input,
      locations: fc.array(fc.record({ path: text }), { maxLength: 3 }),
      diff: fc.array(fc.record({ path: text, oldText: fc.constant(null), newText: text }), {
        maxLength: 3,
      }),
    }),
  });
  fc.assert(
    fc.property(
      call,
      fc.constantFrom('claude', 'gemini', 'opencode', 'codex', 'x'),
      (asked, agent) => {
        const place = placed({ agent });
        const { decision } = policy.judge(asked, place);
        expect(policy.explain(asked, place).decision).toBe(decision);
        for (const { rule } of policy.propose(asked, place)) expect(rule.decision).toBe('allow');
      },
    ),
    { numRuns: cases(60, 300) },
  );
});

test('a call of 30 MB, thousands of paths and deep nesting ask', () => {
  const call = (input: unknown): AskedCall => ({
    ...edit('a.ts'),
    call: { ...edit('a.ts').call, input },
  });
  let deep: unknown = 'x';
  for (let at = 0; at < 20_000; at += 1) deep = [deep];
  const round: Record<string, unknown> = {};
  round.round = round;
  const huge = 'x'.repeat(30_000_000);
  expect(
    [
      call({ file_path: 'a.ts', more: huge }),
      call({ files: Array.from({ length: 50_000 }, (_, at) => `f${at}`) }),
      call(deep),
      call(round),
      call({ file_path: huge }),
      command(huge),
      command('echo '.repeat(100_000)),
      command(`cat ${'a/'.repeat(10_000)}`),
    ].map((asked) => policy.judge(asked, placed()).decision),
  ).toEqual(Array.from({ length: 8 }, () => 'ask'));
});

test('look-alikes and what turns text are marked, and never pass for what they look like', () => {
  const allowing = policyOf([{ decision: 'allow', command: 'npm test' }]);
  expect(
    [
      'npm t\u0435st',
      'npm\u00a0test',
      'npm test\u202e',
      'npm \u200btest',
      '\u001b[2Jnpm test',
      'npm test\u0000',
    ].map((line) => {
      const { decision, risk } = allowing.judge(command(line), placed());
      return [decision, risk.marks.some(({ kind }) => kind === 'lookAlike')];
    }),
  ).toEqual(Array.from({ length: 6 }, () => ['ask', true]));
});
