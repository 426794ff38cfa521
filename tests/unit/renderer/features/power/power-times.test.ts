import { expect, test } from 'vitest';
import { holdAge, secondsToSleep } from '../../../../../renderer/features/power/power-times.ts';
import { userHold } from '../../../../support/power-samples.ts';

const SLEEPS_AT = '2026-11-21T08:00:30.000Z';
const at = (seconds: number): number => Date.parse('2026-11-21T08:00:00.000Z') + seconds * 1_000;

test('the age of a hold goes on from what was told', () => {
  const age = (ageSec: number, toldMs: number): string => holdAge(userHold({ ageSec }), toldMs);
  expect([age(8, 0), age(50, 12_000), age(3_590, 11_000), age(60, 26 * 3_600_000)]).toEqual([
    '8 s',
    '1 min',
    '1 h 00 min',
    '26 h 01 min',
  ]);
});

test('the seconds until sleep are those of the clock', () => {
  expect(
    [0, 12, 29.5, 31].map((sec) => secondsToSleep({ sleepsAt: SLEEPS_AT }, at(sec), sec * 1_000)),
  ).toEqual([30, 18, 1, 0]);
});

test('a phone whose clock is wrong counts from when it was told', () => {
  const off = [3_600, -3_600].map((error) =>
    secondsToSleep({ sleepsAt: SLEEPS_AT }, at(error + 10), 10_000),
  );
  expect(off).toEqual([20, 20]);
});

test('nothing counts down when nothing is about to happen', () => {
  expect(secondsToSleep({ sleepsAt: null }, at(0), 0)).toBe(null);
});
