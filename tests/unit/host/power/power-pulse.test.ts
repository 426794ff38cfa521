import { expect, test } from 'vitest';
import { Emitter } from '../../../../src/base/emitter.ts';
import { PowerPulse } from '../../../../src/host/power/power-pulse.ts';
import type { PowerState } from '../../../../src/protocol/power.ts';
import { FakePower } from '../../../fakes/fake-power.ts';
import { FakeTimers } from '../../../fakes/fake-timers.ts';

function pulse() {
  const timers = new FakeTimers();
  const beganMs = timers.nowMs();
  const changed = new Emitter<PowerState>();
  let state = new FakePower().state;
  const needs = { changed, state: () => state, timers };
  const under = new PowerPulse(needs);
  const told: string[] = [];
  under.states.on(({ battery }) =>
    told.push(`${battery?.percent} % after ${timers.nowMs() - beganMs} ms`),
  );
  const drainsTo = (percent: number): void => {
    state = { ...state, battery: { percent, onMains: false } };
    changed.emit(state);
  };
  return { under, timers, told, drainsTo };
}

test('the first change is told at once, what follows it at most once a second, and the last one always', () => {
  const { timers, told, drainsTo } = pulse();
  for (let percent = 63; percent > 38; percent -= 1) {
    drainsTo(percent);
    timers.advance(100);
  }
  timers.advance(60_000);
  drainsTo(37);
  drainsTo(36);
  timers.advance(60_000);
  expect(told).toEqual([
    '63 % after 0 ms',
    '54 % after 1000 ms',
    '44 % after 2000 ms',
    '39 % after 3000 ms',
    '36 % after 62500 ms',
  ]);
});

test('nothing is told after the host has left', () => {
  const { under, timers, told, drainsTo } = pulse();
  drainsTo(63);
  under.close();
  drainsTo(62);
  timers.advance(60_000);
  expect(told).toEqual([]);
});
