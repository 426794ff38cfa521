import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EventBody, SessionEvent } from '../../../../src/protocol/session/events.ts';
import { merge } from '../../../../src/protocol/session/merge.ts';
import {
  appendItems,
  NO_ITEMS,
  prependItems,
  type TranscriptItems,
} from '../../../../src/protocol/transcript/items.ts';
import { arbitraryHistory, createdBody, numbered } from '../arbitrary-history.ts';
import { cases } from '../../../support/cases.ts';

function fold(events: readonly SessionEvent[]): TranscriptItems {
  return appendItems(NO_ITEMS, events);
}

/** All of it that goes on to count; where items stand is a hint and may know more. */
function whole({ items, positions: _, ...rest }: TranscriptItems): unknown {
  return { ...rest, items: items.toArray() };
}

test('items are the same however the events arrive', () => {
  fc.assert(
    fc.property(arbitraryHistory, fc.array(fc.nat({ max: 60 })), (events, cuts) => {
      const borders = [
        0,
        ...cuts.map((cut) => cut % events.length).sort((a, b) => a - b),
        events.length,
      ];
      let items = NO_ITEMS;
      for (const [i, border] of borders.entries())
        items = appendItems(items, events.slice(border, borders[i + 1]));
      expect(whole(items)).toEqual(whole(fold(events)));
      expect(appendItems(items, events)).toBe(items);
    }),
  );
});

test('merged events give the same items', () => {
  fc.assert(
    fc.property(arbitraryHistory, (events) => {
      expect(whole(fold(merge(events)))).toEqual(whole(fold(events)));
    }),
  );
});

test('an earlier page in front gives the same items as reading from its start', () => {
  fc.assert(
    fc.property(arbitraryHistory, fc.nat(), fc.nat(), (events, a, b) => {
      const [first, second] = [a % (events.length + 1), b % (events.length + 1)].sort(
        (x, y) => x - y,
      );
      let items = fold(events.slice(second));
      items = prependItems(items, events.slice(first, second));
      items = prependItems(items, events.slice(0, first));
      expect(whole(items)).toEqual(whole(fold(events)));
    }),
    { numRuns: cases(500, 2_000) },
  );
});

test('one transcript can go on in two ways without either seeing the other', () => {
  fc.assert(
    fc.property(arbitraryHistory, arbitraryHistory, fc.nat(), (events, others, at) => {
      const cut = 1 + (at % events.length);
      const base = fold(events.slice(0, cut));
      const tail = numbered(others.slice(1), cut + 1);
      appendItems(base, tail);
      const one = appendItems(base, events.slice(cut));
      expect(whole(one)).toEqual(whole(fold(events)));
      expect(whole(appendItems(base, tail))).toEqual(
        whole(fold([...events.slice(0, cut), ...tail])),
      );
    }),
  );
});

test('only the items that changed are new objects', () => {
  const tool = (status: 'in_progress' | 'completed'): EventBody => ({
    type: 'tool.updated',
    toolCallId: 't',
    status,
  });
  const events = numbered([
    createdBody,
    tool('in_progress'),
    { type: 'agent.text', text: 'Hel' },
    { type: 'agent.text', text: 'lo' },
    tool('completed'),
  ]);
  const before = fold(events.slice(0, 3));
  const grown = appendItems(before, events.slice(3, 4));
  const done = appendItems(grown, events.slice(4));
  expect(grown.items.at(0)).toBe(before.items.at(0));
  expect(grown.items.at(1)).toMatchObject({ kind: 'text', text: 'Hello', key: 'text:3', seq: 3 });
  expect(before.items.at(1)).toMatchObject({ text: 'Hel' });
  expect(done.items.at(1)).toBe(grown.items.at(1));
  expect(done.items.at(0)).toMatchObject({
    kind: 'tool',
    key: 'tool:t',
    status: 'completed',
    endedAt: events[4]?.at,
  });
});

test('a call that the end of its turn cut short is shown as failed, one that had ended is not', () => {
  const items = fold(
    numbered([
      createdBody,
      { type: 'tool.updated', toolCallId: 'old' },
      { type: 'turn.ended', turn: 1, outcome: 'completed' },
      { type: 'tool.updated', toolCallId: 'done', status: 'completed' },
      { type: 'tool.updated', toolCallId: 'open', status: 'in_progress' },
      { type: 'turn.ended', turn: 2, outcome: 'interrupted' },
    ]),
  );
  const tools = items.items.toArray().filter((item) => item.kind === 'tool');
  expect(
    tools.map(({ toolCallId, status, cutShort }) => ({ toolCallId, status, cutShort })),
  ).toEqual([
    { toolCallId: 'old', status: 'pending', cutShort: null },
    { toolCallId: 'done', status: 'completed', cutShort: null },
    { toolCallId: 'open', status: 'failed', cutShort: 'interrupted' },
  ]);
});

test('a prompt stands where its turn began, and is filled in when the page that holds it comes', () => {
  const commandId = '01890a5d-ac96-774b-bcce-b302099a8001' as never;
  const events = numbered([
    createdBody,
    { type: 'prompt.queued', commandId, prompt: [{ type: 'text', text: 'Fix it' }], by: 'cli' },
    { type: 'agent.text', text: 'of the turn before' },
    { type: 'turn.started', turn: 2, commandId },
  ]);
  const tail = fold(events.slice(2));
  expect(tail.items.at(1)).toMatchObject({ kind: 'prompt', prompt: null, turn: 2 });
  expect(prependItems(tail, events.slice(0, 2)).items.at(1)).toMatchObject({
    prompt: [{ type: 'text', text: 'Fix it' }],
    by: 'cli',
  });
});

test('an event of a type that is not known is passed over', () => {
  const unknown = {
    type: 'weather.changed',
    seq: 2,
    at: '2026-01-02T00:00:00.000Z',
  } as unknown as SessionEvent;
  expect(appendItems(fold(numbered([createdBody])), [unknown])).toMatchObject({
    lastSeq: 2,
    items: { length: 0 },
  });
});

test('very many events fold in pieces to what they fold to at once', () => {
  const bodies = Array.from({ length: cases(20_000, 100_000) }, (_, i): EventBody => {
    if (i % 50 === 0)
      return {
        type: 'turn.ended',
        turn: i / 50,
        outcome: i % 100 === 0 ? 'completed' : 'interrupted',
      };
    if (i % 10 === 0)
      return { type: 'tool.updated', toolCallId: `t${i}`, title: 'Read', status: 'in_progress' };
    if (i % 10 === 5) return { type: 'tool.updated', toolCallId: `t${i - 5}`, status: 'completed' };
    return { type: 'agent.text', text: 'some words ', messageId: `m${Math.floor(i / 5)}` };
  });
  const events = numbered(bodies);
  const atOnce = fold(events);
  let pieces = NO_ITEMS;
  for (let i = 0; i < events.length; i += 8) pieces = appendItems(pieces, events.slice(i, i + 8));
  expect(pieces.items).toEqual(atOnce.items);
});
