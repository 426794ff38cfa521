import { expect, test } from 'vitest';
import { SeenWatch } from '../../../../../renderer/features/attention/seen-watch.ts';
import type { AttentionItem } from '../../../../../src/protocol/attention.ts';
import { FakeTimers } from '../../../../fakes/fake-timers.ts';

const item = (id: string): AttentionItem => ({
  id,
  kind: 'decision',
  title: id,
  text: '',
  since: '2026-11-21T08:00:00.000Z',
  seenAt: null,
  told: [],
});

function page(...ids: string[]) {
  const timers = new FakeTimers();
  const state = { items: ids.map(item), shown: new Set<string>(), isLookedAt: true };
  const told: string[][] = [];
  const watch = new SeenWatch({
    timers,
    isLookedAt: () => state.isLookedAt,
    unseen: () => state.items,
    isOnScreen: ({ id }) => state.shown.has(id),
    tell: (ids) => told.push(ids),
  });
  return { timers, state, told, watch };
}

test('what was on screen for a second was seen, and that is said once', () => {
  const { timers, state, told, watch } = page('a', 'b');
  state.shown.add('a');
  watch.look();
  timers.advance(999);
  expect(told).toEqual([]);
  timers.advance(1);
  expect(told).toEqual([['a']]);
  timers.advance(60_000);
  expect(told).toEqual([['a']]);
});

test('what is scrolled past begins its second anew', () => {
  const { timers, state, told, watch } = page('a');
  state.shown.add('a');
  watch.look();
  timers.advance(800);
  state.shown.clear();
  timers.advance(250);
  state.shown.add('a');
  timers.advance(900);
  expect(told).toEqual([]);
  timers.advance(600);
  expect(told).toEqual([['a']]);
});

test('nothing is looked for while nobody is there, and nothing counts from before', () => {
  const { timers, state, told, watch } = page('a');
  state.shown.add('a');
  watch.look();
  timers.advance(750);
  state.isLookedAt = false;
  timers.advance(60_000);
  expect([told, timers.pendingMs]).toEqual([[], []]);
  state.isLookedAt = true;
  watch.look();
  timers.advance(999);
  expect(told).toEqual([]);
  timers.advance(1);
  expect(told).toEqual([['a']]);
});

test('all is quiet once nothing is unseen; a new connection hears it again', () => {
  const { timers, state, told, watch } = page('a');
  state.shown.add('a');
  watch.look();
  timers.advance(1_250);
  expect(timers.pendingMs).toEqual([]);
  watch.reconnected();
  timers.advance(1_000);
  state.items = [];
  watch.reconnected();
  watch.look();
  expect([told, timers.pendingMs.length]).toEqual([[['a'], ['a']], 1]);
  watch.stop();
  expect(timers.pendingMs).toEqual([]);
});
