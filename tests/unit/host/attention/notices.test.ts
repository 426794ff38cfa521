import { expect, test } from 'vitest';
import type { Approval } from '../../../../src/protocol/approval/approval.ts';
import { AttentionBench, device } from './attention-bench.ts';

const phone = device(1);

function withPhone(): AttentionBench {
  const bench = new AttentionBench();
  bench.outlet(phone);
  return bench;
}

const call = (input: unknown): Partial<Approval> => ({
  call: { tool: 'Bash', input, locations: [], diff: [] },
});
test.each<[string, Partial<Approval>]>([
  ['of high risk', { risk: { level: 'high', marks: [] } }],
  ['of a risk that nobody told', { risk: undefined }],
  ['that needs the person', { decider: { role: 'approver', fresh: true } }],
  ['that is a question', { kind: 'question', ...call({ message: 'Which one?' }) }],
  ['that does not fit', call({ command: 'x'.repeat(900) })],
  ['that shows nothing', call(undefined)],
])('a call %s is not decided from a notification', (_, over) => {
  const bench = withPhone();
  bench.asks(bench.born(), over);
  bench.settle();
  const [shown] = bench.courier.screen(phone).shown;
  expect(shown).not.toHaveProperty('hash');
  expect(shown?.body.length).toBeLessThanOrEqual(800);
});

test('what hides in a call is shown in its notification', () => {
  const bench = withPhone();
  bench.asks(bench.born('a\u202Eb'), call({ command: 'rm \u202E-rf' }));
  bench.settle();
  const [shown] = bench.courier.screen(phone).shown;
  expect([shown?.title, shown?.body]).toEqual(['a‹U+202E›b', 'Asks to run:\nrm ‹U+202E›-rf']);
});
