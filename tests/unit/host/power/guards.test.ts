import { describe, expect, test } from 'vitest';
import {
  CONFIRM_MS,
  noReadings,
  withLimits,
  withReading,
  type Guards,
} from '../../../../src/host/power/guards.ts';
import type { HolderSensors } from '../../../../src/protocol/holder.ts';

const LIMITS = { batteryFloor: 20, heatStop: 90 };
const AWAY: HolderSensors = {
  ...{ battery: null, heat: null, lidClosed: null, externalDisplay: null },
};
const battery = (percent: number, onMains = false): HolderSensors => ({
  ...AWAY,
  battery: { percent, onMains },
});
const heat = (
  celsius: number | null,
  level: NonNullable<HolderSensors['heat']>['level'] = null,
  lidClosed = true,
): HolderSensors => ({ ...AWAY, heat: { celsius, level }, lidClosed });

/** Readings, each so long after the one before that it confirms it. */
function after(readings: readonly HolderSensors[], gapMs = CONFIRM_MS): Guards {
  let atMs = 0;
  return readings.reduce((guards, sensors) => {
    atMs += gapMs;
    return withReading(guards, sensors, atMs);
  }, noReadings(LIMITS));
}

describe('a low battery', () => {
  test.each([
    ['is believed when two readings say so', [battery(40), battery(20), battery(20)], true],
    ['is not believed on one', [battery(60), battery(3)], false],
    ['is not believed when the next one denies it', [battery(60), battery(3), battery(60)], false],
    ['is believed at once where it is the first that is known', [battery(12)], true],
    ['stays until 5 more', [battery(12), battery(24), battery(24), battery(24)], true],
    ['is over at 5 more', [battery(12), battery(25), battery(25)], false],
    ['is not over for one reading', [battery(12), battery(60), battery(14)], true],
    ['is over at once on mains', [battery(12), battery(12, true)], false],
    ['is none on mains, however empty', [battery(0, true), battery(0, true)], false],
    ['is not forgotten while nothing can be read', [battery(12), AWAY, AWAY], true],
    [
      'is confirmed across a reading that failed',
      [battery(40), battery(19), AWAY, battery(19)],
      true,
    ],
  ] as const)('%s', (_, readings, isLow) => {
    expect(after(readings).low.isOn).toBe(isLow);
  });

  test('is not believed on two readings of the same moment', () => {
    expect(after([battery(60), battery(3), battery(3)], 10).low.isOn).toBe(false);
  });

  test('is judged by another floor at once', () => {
    const low = after([battery(12)]);
    expect(withLimits(low, { ...LIMITS, batteryFloor: 10 }).low.isOn).toBe(false);
    expect(withLimits(low, { ...LIMITS, batteryFloor: 0 }).low.isOn).toBe(false);
    expect(withLimits(after([battery(40)]), { ...LIMITS, batteryFloor: 50 }).low.isOn).toBe(true);
  });
});

describe('heat', () => {
  test.each([
    ['stops on two readings', [heat(90), heat(91)], true],
    ['does not stop on a peak', [heat(95), heat(60)], false],
    ['stops at once where the system calls it critical', [heat(null, 'critical')], true],
    ['stops where the system calls it serious', [heat(null, 'serious'), heat(70, 'serious')], true],
    ['stays until 10 less', [heat(95), heat(95), heat(81), heat(81)], true],
    ['is over at 10 less', [heat(95), heat(95), heat(80), heat(80)], false],
    [
      'is not over while the system calls it serious',
      [heat(95), heat(95), heat(60, 'serious'), heat(60, 'serious')],
      true,
    ],
    ['is over when the lid is opened', [heat(95), heat(95), heat(95, null, false)], false],
    [
      'stops again behind an open lid',
      [heat(95), heat(95), heat(95, null, false), heat(95, null, false)],
      true,
    ],
  ] as const)('%s', (_, readings, isHot) => {
    expect(after(readings).hot.isOn).toBe(isHot);
  });
});
