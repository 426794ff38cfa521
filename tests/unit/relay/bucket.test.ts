import { expect, test } from 'vitest';
import { Bucket } from '../../../src/relay/bucket.ts';

const rate = { burst: 3, perSecond: 2 };

test('a bucket gives its burst at once, and its rate afterwards', () => {
  const bucket = new Bucket(rate, 0);
  const at = (nowMs: number, times: number) =>
    Array.from({ length: times }, () => bucket.tryTake(nowMs));
  expect([at(0, 4), at(499, 1), at(500, 2), at(10_000, 4)]).toEqual([
    [true, true, true, false],
    [false],
    [true, false],
    [true, true, true, false],
  ]);
});

test('what is taken into debt is paid back with time', () => {
  const bucket = new Bucket(rate, 0);
  expect([
    bucket.take(3, 0),
    bucket.take(4, 0),
    bucket.isInDebt(1_999),
    bucket.isInDebt(2_000),
    bucket.isFull(3_000),
    bucket.isFull(3_500),
  ]).toEqual([true, false, true, false, false, true]);
});

test('a clock that goes back gives nothing and takes nothing', () => {
  const bucket = new Bucket(rate, 10_000);
  bucket.take(3, 10_000);
  expect([bucket.tryTake(5_000), bucket.tryTake(5_400), bucket.tryTake(5_500)]).toEqual([
    false,
    false,
    true,
  ]);
});
