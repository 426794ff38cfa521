import { expect, test } from 'vitest';
import { planOf, realStepsOf, stepsOf } from '../../chaos/plan.ts';

const MINUTE_MS = 60_000;
const first = <T>(steps: Iterator<T, never>, count: number): T[] =>
  Array.from({ length: count }, () => steps.next().value);

test('the same seed gives the same plan, another seed another one', () => {
  expect(planOf(7, MINUTE_MS)).toEqual(planOf(7, MINUTE_MS));
  expect(planOf(7, MINUTE_MS)).not.toEqual(planOf(8, MINUTE_MS));
});

test('a longer run begins as a shorter one does', () => {
  const short = planOf(7, MINUTE_MS);
  expect(planOf(7, 5 * MINUTE_MS).slice(0, short.length)).toEqual(short);
});

test('ten minutes hold every kind of attack, in the order of their times', () => {
  const plan = planOf(1, 10 * MINUTE_MS);
  expect(new Set(plan.map((action) => action.do)).size).toBe(14);
  const times = plan.map(({ atMs }) => atMs);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});

test('each place has steps of its own, the same each time, and no marker twice', () => {
  const steps = first(stepsOf(7, 'p1', '/marks'), 200);
  expect(first(stepsOf(7, 'p1', '/marks'), 200)).toEqual(steps);
  expect(first(stepsOf(7, 'p2', '/marks'), 200)).not.toEqual(steps);
  expect(first(realStepsOf(7, 'claude'), 20)).toEqual(first(realStepsOf(7, 'claude'), 20));
  const markers = steps.flatMap(({ prompts }) => prompts.map(({ marker }) => marker));
  expect(new Set(markers).size).toBe(markers.length);
});
