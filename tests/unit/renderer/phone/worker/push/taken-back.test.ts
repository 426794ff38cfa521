import { expect, test } from 'vitest';
import {
  newnessOf,
  withGone,
  withShown,
} from '../../../../../../renderer/phone/worker/push/told.ts';

const TAG = 'a_p8w2n5t1c6yz';
const approval = (round: number) => ({ tag: TAG, round, approvalId: TAG });

test('an approval that was taken into a digest, and is the last of it, is shown on its own again', () => {
  const folded = withGone(withShown([], approval(100)), [TAG], [105]);
  expect([100, 105, 106].map((round) => newnessOf(folded, approval(round)))).toEqual([
    'over',
    'over',
    'new',
  ]);
});

test('a telling that comes after its withdrawal is over, of whatever kind it is', () => {
  const gone = withGone([], ['s_1:3:ended', TAG], [20, 30]);
  const ended = { tag: 's_1:3:ended' };
  expect([
    newnessOf(gone, { ...ended, round: 20 }),
    newnessOf(gone, { ...ended, round: 21 }),
    newnessOf(gone, approval(21)),
  ]).toEqual(['over', 'new', 'over']);
});

test('from a host that says no rounds, an approval is withdrawn for good, and other things may come again', () => {
  const gone = withGone([], ['problem:disk', TAG]);
  expect([
    newnessOf(gone, { tag: 'problem:disk', round: 7 }),
    newnessOf(gone, approval(7)),
  ]).toEqual(['new', 'over']);
});

test('the same withdrawal twice takes one place among what is remembered', () => {
  const once = withGone(withShown([], approval(100)), [TAG], [105]);
  expect(withGone(once, [TAG], [105])).toEqual(once);
});
