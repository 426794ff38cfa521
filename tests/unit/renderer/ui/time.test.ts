import { describe, expect, test } from 'vitest';
import { ageOf, clockOf, roughSpanOf, sizeOf, spanOf } from '../../../../renderer/ui/time.ts';

const now = new Date(2026, 10, 21, 12, 0, 0).getTime();
const ago = (minutes: number): string => ageOf(new Date(now - minutes * 60_000).toISOString(), now);

describe('times', () => {
  test('are relative until an hour, then the clock, then the day too', () => {
    expect([ago(0), ago(0.9), ago(1), ago(59.9)]).toEqual(['now', 'now', '1 min', '59 min']);
    expect(ago(61)).toMatch(/^10:59/);
    expect(ago(60 * 13)).toMatch(/20.*10:59|20.*11:00/);
  });

  test('of a host whose clock is ahead are now', () => {
    expect(ago(-5)).toBe('now');
  });
});

describe('what is left of a wait', () => {
  test.each([
    [0, 'less than a minute'],
    [59_000, 'less than a minute'],
    [60_000, '1 min'],
    [7 * 60_000 + 1, '8 min'],
    [130 * 60_000, '2 h 10 min'],
    [180 * 60_000, '3 h'],
    [76 * 3_600_000, '3 d 4 h'],
    [72 * 3_600_000, '3 d'],
  ])('%d ms is %s', (ms, words) => expect(roughSpanOf(ms)).toBe(words));

  test('ends at a clock, with the day where it is not today', () => {
    const in3h = new Date(2026, 10, 21, 15, 0).toISOString();
    const in3d = new Date(2026, 10, 24, 15, 0).toISOString();
    expect([clockOf(in3h, now), clockOf(in3d, now)]).toEqual([
      expect.stringMatching(/^0?3:00|^15:00/),
      expect.stringMatching(/24.*(3:00|15:00)/),
    ]);
  });
});

describe('spans and sizes have units', () => {
  test.each([
    [0, '0 s'],
    [-5, '0 s'],
    [59_999, '59 s'],
    [64_000, '1 min 04 s'],
    [3_720_000, '1 h 02 min'],
  ])('%d ms is %s', (ms, words) => expect(spanOf(ms)).toBe(words));

  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_500, '1.5 kB'],
    [180_000_000, '180 MB'],
    [5e12, '5000 GB'],
  ])('%d bytes are %s', (bytes, words) => expect(sizeOf(bytes)).toBe(words));
});
