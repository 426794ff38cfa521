import { describe, expect, it } from 'vitest';
import type { Notice } from '../../../../src/host/attention/notice.ts';
import { showPayload, withdrawPayload } from '../../../../src/host/push/payload.ts';
import { approvalIdSchema, sessionIdSchema } from '../../../../src/protocol/ids.ts';
import { MAX_PUSH_BYTES, pushPayloadSchema } from '../../../../src/protocol/push.ts';

const head = { host: 'h'.repeat(43), badge: 3 };
const notice: Notice = {
  ...{ id: 'a_1', round: 7, kind: 'decision', title: 'Fix the tests', loud: false },
  ...{ body: 'Run: npm test', bare: 'Something waits for you.', at: '2026-03-01T10:00:00.000Z' },
  sessionId: sessionIdSchema.parse('s_abcdefghijkl'),
  approvalId: approvalIdSchema.parse('a_abcdefghijkl'),
  hash: 'x'.repeat(64),
};
const decide = { mayDecide: true, isShort: false };
const bytes = (payload: object) => Buffer.byteLength(JSON.stringify(payload));
/** Texts whose JSON, or whose UTF-8, is much longer than their characters. */
const LONG = {
  letters: 'abc '.repeat(20_000),
  umlauts: 'ä'.repeat(5_000),
  cjk: '漢'.repeat(5_000),
  emoji: '👩‍👩‍👧‍👦'.repeat(2_000),
  flags: '🇩🇪'.repeat(2_000),
  controls: '\u0001'.repeat(5_000),
  quotes: '"\\'.repeat(5_000),
  combining: `e${'\u0301'.repeat(3_000)}`,
  halves: '\ud83d'.repeat(3_000),
};

describe('the payload of a push', () => {
  it('carries the whole notice, and its hash where it may be decided there', () => {
    const { id: tag, bare: _, ...rest } = notice;
    expect([
      showPayload(notice, head, decide),
      'hash' in showPayload(notice, head, { ...decide, mayDecide: false }),
    ]).toEqual([{ v: 1, type: 'show', ...head, tag, ...rest }, false]);
  });

  it.each(Object.entries(LONG))('is never too large, whatever is in it: %s', (_, text) => {
    for (const isShort of [false, true]) {
      const long = { ...notice, body: text, title: text };
      const payload = showPayload(long, { ...head, badge: 123_456 }, { mayDecide: true, isShort });
      expect(bytes(payload)).toBeLessThanOrEqual(isShort ? 1_024 : MAX_PUSH_BYTES);
      expect(pushPayloadSchema.safeParse(payload).success).toBe(true);
      // A call that is not shown whole is not decided from there.
      expect(payload.hash).toBeUndefined();
    }
  });

  it('keeps the hash of the longest body that fits, and drops it one character later', () => {
    const with_ = (body: string) => showPayload({ ...notice, body }, head, decide);
    expect([
      with_('x'.repeat(800)).hash,
      with_('x'.repeat(801)).hash,
      with_('x'.repeat(801)).body.length,
      with_('漢'.repeat(800)).hash,
    ]).toEqual([notice.hash, undefined, 800, notice.hash]);
  });

  it('shows as much as fits', () => {
    const sizes = ['漢', '\u0001'].map((letter) => {
      const long = { ...notice, title: letter.repeat(200), body: letter.repeat(5_000) };
      return [true, false].map((isShort) =>
        bytes(showPayload(long, head, { mayDecide: true, isShort })),
      );
    });
    // A title of control characters alone is more than the short one takes.
    expect(sizes.map(([short = 0, whole = 0]) => [short > 1_015, whole > 3_060])).toEqual([
      [true, true],
      [false, true],
    ]);
  });

  it('cuts between characters as people see them', () => {
    const family = '👩‍👩‍👧‍👦';
    const { body } = showPayload({ ...notice, body: family.repeat(2_000) }, head, decide);
    expect(body.endsWith('…')).toBe(true);
    expect(body.slice(0, -1).replaceAll(family, '')).toBe('');
    expect(body.length).toBeGreaterThan(500);
  });

  it('of a withdrawal names at most twenty, and has words for browsers that must show something', () => {
    const ids = Array.from({ length: 30 }, (_, n) => `i${n}`);
    const payload = withdrawPayload(ids, head);
    expect([pushPayloadSchema.parse(payload), bytes(payload) <= MAX_PUSH_BYTES]).toMatchObject([
      { type: 'withdraw', badge: 3, tags: ids.slice(0, 20) },
      true,
    ]);
  });
});
