import { describe, expect, test } from 'vitest';
import { cardsOf, type Card } from '../../../../../renderer/features/approvals/settled.ts';
import type { Approval } from '../../../../../src/protocol/approval/approval.ts';
import { approvalIdSchema, sessionIdSchema } from '../../../../../src/protocol/ids.ts';

function approval(n: number, minute = n): Approval {
  return {
    id: approvalIdSchema.parse(`a_${String(n).padStart(12, '0')}`),
    sessionId: sessionIdSchema.parse('s_000000000001'),
    kind: 'execute',
    title: `${n}`,
    hash: '0'.repeat(64),
    call: { tool: 'Bash', input: {}, locations: [], diff: [] },
    options: [],
    createdAt: `2026-11-21T08:${String(minute).padStart(2, '0')}:00.000Z`,
    expiresAt: null,
  };
}

const elsewhere = { words: 'Decided elsewhere' };
const shape = (cards: readonly Card[]) =>
  cards.map(({ approval: { title }, ending }) => [title, ending?.words ?? null]);
const cards = (before: readonly Card[], open: Approval[], endings: [Approval, string][] = []) =>
  cardsOf(before, open, new Map(endings.map(([{ id }, words]) => [id, { words }])), elsewhere);

describe('cards', () => {
  const [a, b, c] = [approval(1), approval(2), approval(3)];

  test('stand with the oldest first, however they arrive', () => {
    expect(shape(cards([], [c, a, b]))).toEqual([
      ['1', null],
      ['2', null],
      ['3', null],
    ]);
  });

  test('that were decided stay where they were, so that nothing slides under the finger', () => {
    const before = cards([], [a, b]);
    expect(shape(cards(before, [b], [[a, 'Allowed in the tray menu']]))).toEqual([
      ['1', 'Allowed in the tray menu'],
      ['2', null],
    ]);
  });

  test('that went away without a word say so', () => {
    expect(shape(cards(cards([], [a]), []))).toEqual([['1', 'Decided elsewhere']]);
  });

  test('that this window decided are settled before the host says so', () => {
    expect(shape(cards(cards([], [a]), [a], [[a, 'Allowed in the window']]))).toEqual([
      ['1', 'Allowed in the window'],
    ]);
  });

  test('that are new come below those that are there, even if they are older', () => {
    const before = cards([], [b]);
    expect(shape(cards(before, [b, approval(9, 0)]))).toEqual([
      ['2', null],
      ['9', null],
    ]);
  });
});
