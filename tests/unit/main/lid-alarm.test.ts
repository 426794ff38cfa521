import { expect, test } from 'vitest';
import { alarmOf, LidAlarm } from '../../../src/main/lid-alarm.ts';
import { DEFAULT_POWER_POLICY, type LidReport } from '../../../src/protocol/power.ts';
import { powerSample as power, sessionHold } from '../../support/power-samples.ts';

const closed: LidReport = {
  closedAt: '2026-11-21T08:00:00.000Z',
  openedAt: null,
  wasSafe: false,
  sessions: [],
  battery: null,
  hottest: null,
  slept: [],
};
const atWork = power({
  holds: [sessionHold(1)],
  reasons: [
    { code: 'lidNotWanted', text: 'Only idle sleep is held off.', fix: 'Choose “Lid too”.' },
  ],
});

test('closing the lid while the light is off is told once, by ear and in words', () => {
  const seen: string[] = [];
  const alarm = new LidAlarm({
    beep: () => void seen.push('beep'),
    notify: ({ title, body }) => void seen.push(title, body),
  });
  alarm.lid(closed, atWork);
  alarm.lid(closed, atWork);
  alarm.lid({ ...closed, openedAt: '2026-11-21T08:10:00.000Z' }, atWork);
  expect(seen).toEqual([
    'beep',
    'The lid was closed while work goes on',
    'The machine may sleep now, and the work with it. Only idle sleep is held off. Open the lid, or choose “Lid too” in the tray menu.',
  ]);
  alarm.lid({ ...closed, closedAt: '2026-11-21T08:20:00.000Z' }, atWork);
  expect(seen.length).toBe(6);
});

test('why holds do not count comes before why the light is off', () => {
  const back = { ...atWork, heldBack: [{ code: 'batteryLow', text: 'The battery is at 19 %.' }] };
  expect(alarmOf(closed, back)?.body).toBe(
    'The machine may sleep now, and the work with it. The battery is at 19 %. Open the lid to go on.',
  );
});

test('nobody is startled when nothing would be lost, or nothing is to be held', () => {
  expect([
    alarmOf({ ...closed, wasSafe: true }, atWork),
    alarmOf(closed, power({})),
    alarmOf(closed, { ...atWork, policy: { ...DEFAULT_POWER_POLICY, keepAwake: 'off' } }),
    alarmOf(closed, { ...atWork, externalDisplay: true, battery: null }),
    alarmOf(closed, {
      ...atWork,
      externalDisplay: true,
      battery: { percent: 64, onMains: true },
    }),
    alarmOf(closed, null),
    alarmOf({ ...closed, openedAt: closed.closedAt }, atWork),
  ]).toEqual(Array.from({ length: 7 }, () => null));
  // On battery a display beside it keeps no machine awake.
  expect(alarmOf(closed, { ...atWork, externalDisplay: true })).not.toBe(null);
});
