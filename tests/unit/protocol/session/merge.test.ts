import fc from 'fast-check';
import { expect, test } from 'vitest';
import { merge } from '../../../../src/protocol/session/merge.ts';
import { reduce } from '../../../../src/protocol/session/reduce.ts';
import type { SessionEvent } from '../../../../src/protocol/session/events.ts';
import type { SessionState } from '../../../../src/protocol/session/state.ts';
import { arbitraryHistory, numbered } from '../arbitrary-history.ts';

function fold(events: readonly SessionEvent[]): SessionState | null {
  return events.reduce<SessionState | null>((state, event) => reduce(state, event), null);
}

function streamedText(events: readonly SessionEvent[]): string[] {
  return events.flatMap((event) =>
    event.type === 'agent.text' || event.type === 'agent.thought'
      ? [...event.text]
      : [`(${event.type})`],
  );
}

test('the fold of merged events equals the fold of the events', () => {
  fc.assert(
    fc.property(arbitraryHistory, (events) => {
      expect(fold(merge(events))).toEqual(fold(events));
    }),
  );
});

test('merging loses no text, keeps the order, and leaves control events alone', () => {
  fc.assert(
    fc.property(arbitraryHistory, (events) => {
      const merged = merge(events);
      expect(streamedText(merged)).toEqual(streamedText(events));
      const control = (list: readonly SessionEvent[]) =>
        list.filter(({ type }) => !type.startsWith('agent.t'));
      expect(control(merged)).toEqual(control(events));
    }),
  );
});

test('merged events cover every number once', () => {
  fc.assert(
    fc.property(arbitraryHistory, (events) => {
      const covered = merge(events).flatMap(({ from, seq }) =>
        Array.from({ length: seq - (from ?? seq) + 1 }, (_, i) => (from ?? seq) + i),
      );
      expect(covered).toEqual(events.map(({ seq }) => seq));
    }),
  );
});

test('merging what is merged joins on', () => {
  const events = numbered(
    ['a', 'b', 'c', 'd'].map((text) => ({ type: 'agent.text', text, messageId: 'm' })),
    5,
  );
  const at = events[3]?.at;
  const whole = [{ type: 'agent.text', text: 'abcd', messageId: 'm', from: 5, seq: 8, at }];
  expect(merge(events)).toEqual(whole);
  expect(merge([...merge(events.slice(0, 2)), ...merge(events.slice(2))])).toEqual(whole);
});

test('a gap in the numbers, another message or another kind ends a run', () => {
  const [a, b, c, d] = numbered([
    { type: 'agent.text', text: 'a', messageId: 'm' },
    { type: 'agent.text', text: 'b', messageId: 'm' },
    { type: 'agent.text', text: 'c', messageId: 'n' },
    { type: 'agent.thought', text: 'd', messageId: 'n' },
  ]);
  if (!a || !b || !c || !d) throw new Error('four events');
  expect(merge([a, c, d])).toEqual([a, c, d]);
  expect(merge([b, c, d])).toEqual([b, c, d]);
});

test('one merged event stays small', () => {
  const piece = 'x'.repeat(1_000);
  const merged = merge(
    numbered(Array.from({ length: 500 }, () => ({ type: 'agent.text', text: piece }))),
  );
  expect(merged.length).toBeLessThan(10);
  expect(
    Math.max(...merged.map((event) => ('text' in event ? event.text.length : 0))),
  ).toBeLessThan(67_000);
});
