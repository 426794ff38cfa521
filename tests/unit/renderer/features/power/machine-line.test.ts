import { describe, expect, test } from 'vitest';
import type { PowerState } from '../../../../../src/protocol/power.ts';
import { machineLine } from '../../../../../renderer/features/power/machine-line.ts';
import { powerSample as power, sessionHold, userHold } from '../../../../support/power-samples.ts';

const held = {
  holds: [sessionHold(1), sessionHold(2)],
  idle: { wanted: true, effective: true, reason: null },
} satisfies Partial<PowerState>;

describe('the machine in one line', () => {
  test.each([
    ['nothing runs', power({}), 'quiet', 'May sleep, 64 %'],
    [
      'the light is on',
      power({ ...held, safeToCloseLid: true, reasons: [] }),
      'safe',
      'Awake for 2 sessions, lid may be closed, 64 %',
    ],
    [
      'the lid is closed under the light',
      power({ ...held, safeToCloseLid: true, reasons: [], lidClosed: true }),
      'safe',
      'Awake for 2 sessions with the lid closed, 64 %',
    ],
    [
      'the lid is not wanted',
      power({ ...held, reasons: [{ code: 'lidNotWanted', text: 'Only idle sleep is held off.' }] }),
      'awake',
      'Awake for 2 sessions; keep the lid open, 64 %',
    ],
    [
      'there is no lid',
      power({
        ...held,
        lidClosed: null,
        battery: null,
        reasons: [{ code: 'lidNotWanted', text: 'Only idle sleep is held off.' }],
      }),
      'awake',
      'Awake for 2 sessions',
    ],
    [
      'phones cannot reach the host',
      power({ ...held, reasons: [{ code: 'relayAway', text: 'The relay is away.' }] }),
      'awake',
      'Awake for 2 sessions; keep the lid open: phones cannot reach it, 64 %',
    ],
    [
      'the lid is wanted, and the system does not do it',
      power({
        ...held,
        lid: { wanted: true, effective: false, reason: 'KDE acts.', fix: null, setUp: 'needed' },
        reasons: [{ code: 'notInEffect', text: 'KDE acts.' }],
      }),
      'wrong',
      'Awake for 2 sessions; keep the lid open: the system does not hold it, 64 %',
    ],
    [
      'the lid is closed while the light is off',
      power({ ...held, lidClosed: true, reasons: [{ code: 'tooHot', text: 'It is hot.' }] }),
      'awake',
      'Awake for 2 sessions; open the lid: it is 48 °C hot, 64 %',
    ],
    [
      'a newer host gives a reason that is not known here',
      power({ ...held, reasons: [{ code: 'moonlight', text: 'The moon is full.' }] }),
      'awake',
      'Awake for 2 sessions; keep the lid open: The moon is full, 64 %',
    ],
    [
      'holds do not count',
      power({
        ...held,
        idle: { wanted: false, effective: false, reason: null },
        battery: { percent: 19, onMains: false },
        heldBack: [{ code: 'batteryLow', text: 'The battery is at 19 %.' }],
      }),
      'quiet',
      'May sleep: the battery is at 19 %',
    ],
    [
      'holds do not count any more, and the locks are not gone yet',
      power({ ...held, heldBack: [{ code: 'quietHours', text: 'Nothing is held now.' }] }),
      'quiet',
      'May sleep: quiet hours, 64 %',
    ],
    [
      'it is held, and the system does not say so',
      power({
        ...held,
        idle: { wanted: true, effective: false, reason: 'systemd-inhibit was refused.' },
      }),
      'wrong',
      'Not held awake: systemd-inhibit was refused, 64 %',
    ],
    [
      'nobody has looked yet',
      power({ ...held, idle: { wanted: true, effective: null, reason: null } }),
      'awake',
      'Being held awake for 2 sessions, 64 %',
    ],
    [
      'a person holds it',
      power({ ...held, holds: [userHold()], safeToCloseLid: true, reasons: [] }),
      'safe',
      'Awake by hand, lid may be closed, 64 %',
    ],
    [
      'one session has two reasons and a person one',
      power({
        ...held,
        holds: [sessionHold(1), sessionHold(1, 'queued'), userHold()],
        safeToCloseLid: true,
        reasons: [],
        sleepWhenDone: true,
      }),
      'safe',
      'Awake for 1 session and by hand, lid may be closed, 64 %, sleeps when done',
    ],
    [
      'it is about to be put to sleep',
      power({ sleepWhenDone: true, sleepsAt: '2026-11-21T08:00:30.000Z' }),
      'quiet',
      'Goes to sleep in a moment, 64 %',
    ],
  ])('when %s', (_, state, tone, words) => {
    expect(machineLine(state)).toEqual({ tone, words });
  });
});
