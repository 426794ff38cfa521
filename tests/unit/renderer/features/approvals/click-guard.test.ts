import { expect, test } from 'vitest';
import { mayCount } from '../../../../../renderer/features/approvals/click-guard.ts';

const HERE = { x: 100, y: 500 };
const ELSEWHERE = { x: 100, y: 380 };

test('a click counts once the cards have stood still for a moment', () => {
  const given = { changedAtMs: 1_000, tap: null, decided: null };
  expect([1_399, 1_400].map((nowMs) => mayCount({ ...given, nowMs }))).toEqual([false, true]);
});

test('a finger where it decided the last card counts for the next one only after a pause', () => {
  const decided = { tap: HERE, atMs: 900 };
  const at = (nowMs: number, tap: typeof HERE | null): boolean =>
    mayCount({ nowMs, changedAtMs: 1_000, tap, decided });
  expect([at(2_400, HERE), at(2_500, HERE), at(1_500, ELSEWHERE), at(1_500, null)]).toEqual([
    false,
    true,
    true,
    true,
  ]);
});

test('nothing is held up while nothing has moved since the last decision', () => {
  const decided = { tap: HERE, atMs: 2_000 };
  expect(mayCount({ nowMs: 2_100, changedAtMs: 1_000, tap: HERE, decided })).toBe(true);
});
