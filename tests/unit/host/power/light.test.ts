import { expect, test } from 'vitest';
import { noReadings, withReading, type Guards } from '../../../../src/host/power/guards.ts';
import { whyNotSafe, type LightNeeds } from '../../../../src/host/power/light.ts';
import type { HolderSensors } from '../../../../src/protocol/holder.ts';
import { DEFAULT_POWER_POLICY } from '../../../../src/protocol/power.ts';

const NOW = 1_000_000;
const done = { effective: true, reason: null, fix: null };
const not = { effective: false, reason: 'no', fix: null };
const unknown = { effective: null, reason: null, fix: null };
const policy = { ...DEFAULT_POWER_POLICY, keepAwake: 'lid' as const };

function guards(...readings: readonly (readonly [Partial<HolderSensors>, number])[]): Guards {
  const away = { battery: null, heat: null, lidClosed: null, externalDisplay: null };
  return readings.reduce(
    (before, [sensors, agoMs]) => withReading(before, { ...away, ...sensors }, NOW - agoMs),
    noReadings(policy),
  );
}

/** All is well: the lid is held, a phone can reach this machine and decide. */
const SAFE: LightNeeds = {
  policy,
  want: { idle: true, lid: true, why: '' },
  hasHolds: true,
  heldBack: [],
  guards: guards([{ battery: { percent: 80, onMains: false }, lidClosed: false }, 1_000]),
  steadyMs: NOW,
  read: { atMs: NOW - 80_000, idle: done, lid: done },
  isHolderAway: false,
  reach: { devices: [{ role: 'approver', hasPasskey: false }], reachedAgoMs: 50_000 },
  withoutRelay: false,
  approvals: [{ decider: { role: 'approver', fresh: false } }],
};
const away = { ...SAFE.reach, reachedAgoMs: null };

test.each<readonly [string, Partial<LightNeeds>, readonly string[]]>([
  ['is on when all is well', {}, []],
  ['is off without work', { hasHolds: false }, ['noWork']],
  ['is off for what holds work back', { heldBack: ['quietHours'] }, ['quietHours']],
  ['is off where the lid is not wanted', { want: { ...SAFE.want, lid: false } }, ['lidNotWanted']],
  ['is off before it was read back', { read: null }, ['notChecked']],
  [
    'is off when that was over 90 s ago',
    { read: { atMs: NOW - 91_000, idle: done, lid: done } },
    ['notChecked'],
  ],
  [
    'is off where it did not take effect',
    { read: { atMs: NOW, idle: done, lid: not } },
    ['notInEffect'],
  ],
  [
    'is off where idle sleep would come behind the lid',
    { read: { atMs: NOW, idle: not, lid: done } },
    ['notInEffect'],
  ],
  [
    'is off where the system cannot be asked',
    { read: { atMs: NOW, idle: done, lid: unknown } },
    ['notChecked'],
  ],
  ['is off without a holder', { isHolderAway: true, read: null }, ['holderAway']],
  [
    'is off at the first sign of a low battery',
    {
      guards: guards(
        [{ battery: { percent: 30, onMains: false } }, 2_000],
        [{ battery: { percent: 19, onMains: false } }, 1_000],
      ),
    },
    ['batteryLow'],
  ],
  [
    'is off when the battery cannot be read any more',
    { guards: guards([{ battery: { percent: 80, onMains: false } }, 90_000], [{}, 40_000]) },
    ['batteryUnknown'],
  ],
  [
    'is off where there is a lid and no battery to be read',
    { guards: guards([{ lidClosed: false }, 1_000]) },
    ['batteryUnknown'],
  ],
  ['is on for a machine without lid and battery', { guards: guards([{}, 1_000]) }, []],
  ['is off when the relay is away', { reach: away }, ['relayAway']],
  [
    'is off when the relay was heard over a minute ago',
    { reach: { ...SAFE.reach, reachedAgoMs: 60_001 } },
    ['relayAway'],
  ],
  ['is on without a relay where the person says so', { reach: away, withoutRelay: true }, []],
  [
    'is on without devices while nobody is asked anything',
    { reach: { devices: [], reachedAgoMs: null }, approvals: [] },
    [],
  ],
  [
    'is off without devices while somebody is asked',
    { reach: { devices: [], reachedAgoMs: null } },
    ['needsThisMachine'],
  ],
  [
    'is off for what no device may decide',
    { approvals: [{ decider: { role: 'operator', fresh: false } }] },
    ['needsThisMachine'],
  ],
  [
    'is off for what needs a person who is proven to be there, and no device can',
    { approvals: [{ decider: { role: 'approver', fresh: true } }] },
    ['needsThisMachine'],
  ],
])('the light %s', (_, over, why) => {
  expect(whyNotSafe({ ...SAFE, ...over })).toEqual(why);
});
