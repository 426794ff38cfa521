import { expect, test } from 'vitest';
import { markSeen, wasSeen } from '../../../../renderer/state/seen.ts';

const KEY = 'porchlight.night.seen';

function storage(): Pick<Storage, 'getItem' | 'setItem'> {
  const kept = new Map<string, string>();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
  };
}
const night = (n: number): string => new Date(Date.UTC(2026, 10, n, 8)).toISOString();

test('the pages of several nights that were looked at are known, the newest of them', () => {
  const kept = storage();
  for (let n = 1; n <= 10; n++) markSeen(KEY, night(n), () => kept);
  markSeen(KEY, night(3), () => kept);
  const seen = Array.from({ length: 11 }, (_, i) => i + 1).filter((n) =>
    wasSeen(KEY, night(n), () => kept),
  );
  expect(seen).toEqual([3, 4, 5, 6, 7, 8, 9, 10]);
});

test('a browser that keeps nothing has seen nothing', () => {
  const refuse = (): Storage => {
    throw new Error('SecurityError');
  };
  markSeen(KEY, night(1), refuse);
  expect(wasSeen(KEY, night(1), refuse)).toBe(false);
});
