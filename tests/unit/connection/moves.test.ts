import { expect, test } from 'vitest';
import { isMove, Moves } from '../../../src/connection/moves.ts';

test('a thousand that are sent away in one instant come back over half a second, evenly', () => {
  const delays = Array.from({ length: 1_000 }, (_, n) => new Moves().delayMs(0, n / 1_000) ?? NaN);
  const perTenth = Array.from(
    { length: 5 },
    (_, n) => delays.filter((ms) => ms >= 50 + n * 100 && ms < 150 + n * 100).length,
  );
  expect([
    Math.min(...delays),
    Math.max(...delays),
    perTenth.map((n) => Math.round(n / 10)),
  ]).toEqual([50, 550, [20, 20, 20, 20, 20]]);
});

test('one that is sent on again before it has settled has failed; later, or after the clock was set, it has not', () => {
  const moves = new Moves();
  expect([0, 9_999, 20_000, 10_000].map((nowMs) => moves.delayMs(nowMs, 0))).toEqual([
    50,
    null,
    50,
    50,
  ]);
});

test('moves are what a relay says that stops or has lost the others, and nothing else', () => {
  expect([1001, 1012, 1000, 1006, 1013, 4401, 4409, 4410, 4429, null].filter(isMove)).toEqual([
    1001, 1012,
  ]);
});
