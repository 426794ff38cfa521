import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutEvent, headAndTail } from '../../../../src/host/event-log/cut-event.ts';
import type { EventBody } from '../../../../src/protocol/session/events.ts';

const LIMIT = 256 * 1024;

function bytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

test('head and tail fit the limit, are whole characters, and say what is missing', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 3_000 }),
      fc.integer({ min: 50, max: 500 }),
      (text, max) => {
        const { text: cut, leftOutBytes } = headAndTail(text, max);
        if (leftOutBytes === 0) return (expect(cut).toBe(text), true);
        const [head = '', tail = ''] = cut.split(/\n\[… \d+ bytes left out …\]\n/);
        expect(text.startsWith(head) && text.endsWith(tail)).toBe(true);
        expect(bytes(head) + bytes(tail) - 4).toBeLessThanOrEqual(max);
        expect(Buffer.byteLength(text)).toBe(
          Buffer.byteLength(head) + Buffer.byteLength(tail) + leftOutBytes,
        );
        return true;
      },
    ),
  );
});

test('a large tool call fits after cutting, whatever part is large, and says how much is gone', () => {
  const large = '"\n'.repeat(LIMIT);
  const patches: EventBody[] = [
    { type: 'tool.updated', toolCallId: 't', output: large },
    {
      type: 'tool.updated',
      toolCallId: 't',
      output: { rows: Array.from({ length: 50_000 }, (_, i) => ({ i })) },
    },
    {
      type: 'tool.updated',
      toolCallId: 't',
      input: { command: large },
      content: [{ type: 'text', text: large }],
    },
    {
      type: 'tool.updated',
      toolCallId: 't',
      content: [{ type: 'diff', path: 'a', oldText: large, newText: large }],
    },
    {
      type: 'tool.updated',
      toolCallId: 't',
      content: [{ type: 'image', mimeType: 'image/png', data: 'A'.repeat(2 * LIMIT) }],
    },
    {
      type: 'tool.updated',
      toolCallId: 't',
      content: Array.from({ length: 40 }, () => ({ type: 'text', text: large })),
    },
  ];
  for (const patch of patches) {
    const cut = cutEvent(patch, LIMIT);
    expect(cut).toMatchObject({ type: 'tool.updated', toolCallId: 't' });
    expect(cut.type === 'tool.updated' ? cut.leftOutBytes : 0).toBeGreaterThan(1_000);
    expect(bytes(cut)).toBeLessThanOrEqual(LIMIT);
  }
});

test('a large image becomes a notice; prompts and approvals are never cut', () => {
  const data = 'A'.repeat(2 * LIMIT);
  expect(cutEvent({ type: 'agent.image', mimeType: 'image/png', data }, LIMIT)).toMatchObject({
    type: 'notice',
    level: 'warning',
  });
  const prompt: EventBody = {
    type: 'prompt.queued',
    commandId: 'c' as never,
    prompt: [{ type: 'text', text: data }],
    by: 'cli',
  };
  expect(cutEvent(prompt, LIMIT)).toBe(prompt);
});
