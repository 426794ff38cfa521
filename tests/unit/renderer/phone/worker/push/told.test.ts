import { expect, test } from 'vitest';
import {
  newnessOf,
  withGone,
  withSeen,
  withShown,
} from '../../../../../../renderer/phone/worker/push/told.ts';

const approval = { tag: 'a', round: 1, approvalId: 'a' };
const machine = { tag: 'disk', round: 1 };

test('each round of a tag is new once', () => {
  const told = withShown([], approval);
  expect([
    newnessOf([], approval),
    newnessOf(told, approval),
    newnessOf(told, { ...approval, round: 2 }),
    newnessOf(told, { ...approval, tag: 'b' }),
  ]).toEqual(['new', 'again', 'new', 'new']);
});

test('an approval that was withdrawn is over, also where its question comes later; a trouble may come back', () => {
  const told = withGone([], ['a', 'disk']);
  expect([
    newnessOf(told, approval),
    newnessOf(told, { ...approval, round: 9 }),
    newnessOf(told, machine),
  ]).toEqual(['over', 'over', 'new']);
});

test('what is kept has a bound, and the newest stays', () => {
  let told = withGone([], ['x']);
  for (let round = 1; round <= 1_000; round += 1) told = withShown(told, { tag: 'a', round });
  expect([told.length, told.at(-1)]).toEqual([200, { tag: 'a', round: 1_000 }]);
  let seen: readonly string[] = [];
  for (let i = 0; i < 100; i += 1) seen = withSeen(seen, `t${i % 70}`);
  expect([seen.length, seen.at(-1), new Set(seen).size]).toEqual([50, 't29', 50]);
});
