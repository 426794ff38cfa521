import { expect, test } from 'vitest';
import { alarmingLid } from '../../../../../renderer/phone/shell/alarming-lid.ts';
import { powerSample, userHold } from '../../../../support/power-samples.ts';

const CLOSED = { closedAt: '2026-11-21T12:00:00.000Z', openedAt: null, wasSafe: false };
const FLOOR = { code: 'batteryLow', text: 'The battery is at 19 %.' };
const DARK = powerSample({
  holds: [userHold()],
  lidClosed: true,
  reasons: [{ code: 'lidNotWanted', text: 'Only idle sleep is held off.' }],
});

test('a lid that was closed on work while the light was off alarms, and says why it was off', () => {
  expect(alarmingLid(CLOSED, DARK)).toEqual({
    closedAt: CLOSED.closedAt,
    why: 'Only idle sleep is held off.',
  });
  expect(alarmingLid(CLOSED, { ...DARK, heldBack: [FLOOR] })?.why).toBe(FLOOR.text);
  expect(alarmingLid(CLOSED, { ...DARK, reasons: [] })?.why).toBeNull();
});

test('nothing alarms where nothing is lost, or nothing was to be held', () => {
  const off = { ...DARK, policy: { ...DARK.policy, keepAwake: 'off' as const } };
  expect([
    alarmingLid(null, DARK),
    alarmingLid({ ...CLOSED, wasSafe: true }, DARK),
    alarmingLid({ ...CLOSED, openedAt: '2026-11-21T12:05:00.000Z' }, DARK),
    alarmingLid(CLOSED, null),
    alarmingLid(CLOSED, { ...DARK, holds: [] }),
    alarmingLid(CLOSED, { ...DARK, safeToCloseLid: true, reasons: [] }),
    alarmingLid(CLOSED, off),
  ]).toEqual(Array.from({ length: 7 }, () => null));
});
