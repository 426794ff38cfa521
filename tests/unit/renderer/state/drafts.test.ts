import { describe, expect, test } from 'vitest';
import { Drafts, NO_DRAFT } from '../../../../renderer/state/drafts.ts';
import { sessionIdSchema } from '../../../../src/protocol/ids.ts';

function storage(fails = false): Storage {
  const values = new Map<string, string>();
  return {
    get length() {
      return values.size;
    },
    clear: () => values.clear(),
    getItem: (key) => values.get(key) ?? null,
    key: (index) => [...values.keys()][index] ?? null,
    removeItem: (key) => void values.delete(key),
    setItem: (key, value) => {
      if (fails) throw new DOMException('full', 'QuotaExceededError');
      values.set(key, value);
    },
  };
}

const id = (n: number) => sessionIdSchema.parse(`s_${String(n).padStart(12, '0')}`);
const image = { name: 'a', mimeType: 'image/png', data: 'AAAA' };

describe('a draft', () => {
  test('is kept per session, its text also for the next window', () => {
    const kept = storage();
    const drafts = new Drafts(kept);
    drafts.set(id(1), { text: 'one', images: [image] });
    drafts.set(id(2), { text: 'two', images: [] });
    expect(drafts.get(id(1))).toEqual({ text: 'one', images: [image] });
    expect(new Drafts(kept).get(id(1))).toEqual({ text: 'one', images: [] });
    expect(new Drafts(kept).get(id(3))).toEqual(NO_DRAFT);
  });

  test('that was sent leaves nothing', () => {
    const kept = storage();
    const drafts = new Drafts(kept);
    drafts.set(id(1), { text: 'one', images: [] });
    drafts.set(id(1), NO_DRAFT);
    expect([kept.length, drafts.get(id(1))]).toEqual([0, NO_DRAFT]);
  });

  test('is kept in a window whose storage is full', () => {
    const drafts = new Drafts(storage(true));
    drafts.set(id(1), { text: 'one', images: [] });
    expect(drafts.get(id(1)).text).toBe('one');
  });

  test('is one of a bounded number', () => {
    const kept = storage();
    const drafts = new Drafts(kept);
    for (let n = 0; n < 250; n += 1) drafts.set(id(n), { text: 'x', images: [] });
    expect(kept.length).toBe(100);
  });
});
