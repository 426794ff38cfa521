import { expect, test } from 'vitest';
import { Emitter } from '../../../../src/base/emitter.ts';
import type { Subscription } from '../../../../src/host/api/surface-connection.ts';
import { AttentionFeed, FEED_MS } from '../../../../src/host/attention/attention-feed.ts';
import type { Attention } from '../../../../src/protocol/attention.ts';
import { FakeTimers } from '../../../fakes/fake-timers.ts';

const quiet = (hour: number | null): Attention => ({
  items: [],
  quietUntil: hour === null ? null : `2026-03-14T0${hour}:00:00.000Z`,
});

function feed() {
  const timers = new FakeTimers();
  const changed = new Emitter<void>();
  let state = quiet(null);
  const under = new AttentionFeed({ changed, now: () => state, timers });
  const turns = (to: Attention): void => {
    state = to;
    changed.emit();
  };
  const surface = () => {
    const seen: Attention[] = [];
    let held: Subscription | null = null;
    const first = under.follow({
      bufferedBytes: 0,
      notify: (_name, attention) => seen.push(attention),
      hold: (_name, make) => (held = make()),
    });
    seen.push(first);
    return { seen, leave: () => (held as Subscription | null)?.close() };
  };
  return { timers, turns, surface };
}

test('each new state is told once, and what changes back in between is not', () => {
  const { timers, turns, surface } = feed();
  const { seen } = surface();
  turns(quiet(1));
  timers.advance(FEED_MS);
  turns(quiet(2));
  turns(quiet(1));
  timers.advance(FEED_MS * 2);
  turns(quiet(3));
  timers.advance(FEED_MS);
  expect(seen).toEqual([quiet(null), quiet(1), quiet(3)]);
});

test('who came while nobody was told hears of the state that was told last, when it is back', () => {
  const { timers, turns, surface } = feed();
  const first = surface();
  turns(quiet(1));
  timers.advance(FEED_MS);
  first.leave();
  turns(quiet(2));
  const { seen } = surface();
  turns(quiet(1));
  timers.advance(FEED_MS * 2);
  expect(seen).toEqual([quiet(2), quiet(1)]);
});
