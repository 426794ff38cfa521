import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventSequence } from '../../../../src/cli/watch/event-sequence.ts';
import type { SessionEvent } from '../../../../src/protocol/session/events.ts';

const AT = '2026-11-21T08:00:00.000Z';
const event = (seq: number, from?: number): SessionEvent => ({
  type: 'agent.text',
  text: String(seq),
  seq,
  at: AT,
  ...(from !== undefined && { from }),
});

/** Takes what is there and fetches what is not, as the follower does. */
function drain(sequence: EventSequence, stored: readonly SessionEvent[]): number[] {
  const taken: number[] = [];
  while (sequence.isBehind) {
    const next = sequence.take();
    if (next !== null) taken.push(next.seq);
    else
      for (const one of stored.slice(sequence.cursor))
        if (sequence.takeStored(one)) taken.push(one.seq);
  }
  sequence.take();
  return taken;
}

describe('EventSequence', () => {
  it('gives every event once and in order, whatever is repeated, merged, left out or turned round', () => {
    const delivery = fc.record({
      seq: fc.integer({ min: 1, max: 60 }),
      merged: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(
        fc.array(fc.array(delivery, { maxLength: 8 }), { maxLength: 20 }),
        fc.integer({ min: 0, max: 60 }),
        (batches, since) => {
          const stored = Array.from({ length: 60 }, (_, i) => event(i + 1));
          const sequence = new EventSequence(since);
          const taken: number[] = [];
          for (const batch of batches) {
            sequence.push(
              batch.map(({ seq, merged }) =>
                event(seq, merged === undefined ? undefined : Math.max(1, seq - merged)),
              ),
            );
            taken.push(...drain(sequence, stored));
          }
          expect(taken).toEqual(
            Array.from({ length: sequence.cursor - since }, (_, i) => since + i + 1),
          );
        },
      ),
    );
  });

  it('never acknowledges what the subscription has not delivered', () => {
    const sequence = new EventSequence(0);
    sequence.push([event(1), event(2)]);
    sequence.heardOf(50);
    drain(
      sequence,
      Array.from({ length: 50 }, (_, i) => event(i + 1)),
    );
    expect([sequence.cursor, sequence.acknowledgeable]).toEqual([50, 2]);
  });

  it('stays bounded while nobody takes', () => {
    const sequence = new EventSequence(0);
    const stored = Array.from({ length: 100_000 }, (_, i) => event(i + 1));
    for (const one of stored) sequence.push([one]);
    expect(drain(sequence, stored)).toHaveLength(100_000);
  });
});
