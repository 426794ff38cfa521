import { expect, test } from 'vitest';
import { Activity } from '../../../../../renderer/features/attention/activity.ts';
import { sessionIdSchema } from '../../../../../src/protocol/ids.ts';
import { FakeTimers } from '../../../../fakes/fake-timers.ts';

const A = sessionIdSchema.parse('s_000000000001');
const B = sessionIdSchema.parse('s_000000000002');

function someone() {
  const timers = new FakeTimers();
  const said: [boolean, string | null][] = [];
  const page = { isVisible: true };
  const activity = new Activity({
    timers,
    isVisible: () => page.isVisible,
    tell: (active, sessionId) => said.push([active, sessionId]),
  });
  return { timers, said, page, activity };
}

test('a page that nobody touches says nothing, however long it is open', () => {
  const { timers, said, activity } = someone();
  activity.shows(A);
  activity.reconnected();
  timers.advance(3_600_000);
  activity.gone();
  expect([said, activity.isActive]).toEqual([[], false]);
});

test('a minute of typing is told every 15 s, and counts for a minute more', () => {
  const { timers, said, activity } = someone();
  for (let ms = 0; ms < 60_000; ms += 100) {
    activity.touched();
    timers.advance(100);
  }
  expect(said).toHaveLength(4);
  timers.advance(59_000);
  expect(activity.isActive).toBe(true);
  timers.advance(1_000);
  expect(activity.isActive).toBe(false);
});

test('a hidden page takes it back at once, once, and the next touch says it anew', () => {
  const { said, page, activity } = someone();
  activity.shows(A);
  activity.touched();
  page.isVisible = false;
  activity.gone();
  activity.gone();
  activity.touched();
  expect([said, activity.isActive]).toEqual([
    [
      [true, A],
      [false, null],
    ],
    false,
  ]);
  page.isVisible = true;
  activity.touched();
  expect(said.at(-1)).toEqual([true, A]);
});

test('another session on screen is told at once, but only of somebody who is there', () => {
  const { timers, said, activity } = someone();
  activity.touched();
  activity.shows(A);
  activity.shows(A);
  timers.advance(61_000);
  activity.shows(B);
  expect(said).toEqual([
    [true, null],
    [true, A],
  ]);
});

test('a new connection hears of somebody who was active a moment ago, and not of one from before', () => {
  const { timers, said, activity } = someone();
  activity.touched();
  timers.advance(10_000);
  activity.reconnected();
  timers.advance(20_000);
  activity.reconnected();
  expect(said).toEqual([
    [true, null],
    [true, null],
  ]);
});

test('a clock that is set back an hour silences nobody', () => {
  const timers = new FakeTimers();
  let backMs = 0;
  const said: boolean[] = [];
  const activity = new Activity({
    timers: { nowMs: () => timers.nowMs() - backMs },
    isVisible: () => true,
    tell: (active) => said.push(active),
  });
  activity.touched();
  backMs = 3_600_000;
  activity.touched();
  expect([said, activity.isActive]).toEqual([[true, true], true]);
});
