import { afterEach, expect, test } from 'vitest';
import { isQuiet, quietUntil } from '../../../../src/host/clock/quiet-hours.ts';

const before = process.env.TZ;
afterEach(() => {
  if (before === undefined) delete process.env.TZ;
  else process.env.TZ = before;
});

const night = { from: '23:00', to: '06:30' };
test.each([
  [night, '2026-11-20T22:59:00', false],
  [night, '2026-11-20T23:00:00', true],
  [night, '2026-11-21T03:00:00', true],
  [night, '2026-11-21T06:29:59', true],
  [night, '2026-11-21T06:30:00', false],
  [{ from: '12:00', to: '13:00' }, '2026-11-21T12:30:00', true],
  [{ from: '12:00', to: '13:00' }, '2026-11-21T13:00:00', false],
  // From a time to the same time is no time.
  [{ from: '12:00', to: '12:00' }, '2026-11-21T12:00:00', false],
  [null, '2026-11-21T12:00:00', false],
])('quiet %j at %s: %s', (quiet, local, isIt) => {
  expect(isQuiet(quiet, new Date(local).getTime())).toBe(isIt);
});

test('an hour that comes twice is quiet both times, one that is left out never', () => {
  process.env.TZ = 'Europe/Berlin';
  const quiet = { from: '02:00', to: '03:00' };
  const at = (utc: string): boolean => isQuiet(quiet, Date.parse(utc));
  // 25 October: 02:30 in summer time, and again in winter time.
  expect(['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z', '2026-10-25T02:30:00Z'].map(at)).toEqual([
    ...[true, true, false],
  ]);
  // 29 March: 01:59 is followed by 03:00.
  expect(['2026-03-29T00:59:00Z', '2026-03-29T01:00:00Z'].map(at)).toEqual([false, false]);
});

test.each([
  [night, '2026-11-20T22:59:00', null],
  [night, '2026-11-20T23:00:00', '2026-11-21T06:30:00'],
  [night, '2026-11-21T03:00:00', '2026-11-21T06:30:00'],
  [null, '2026-11-21T03:00:00', null],
])('the end of quiet %j at %s: %s', (quiet, local, end) => {
  const expected = end === null ? null : new Date(end);
  expect(quietUntil(quiet, new Date(local).getTime())).toEqual(expected);
});
