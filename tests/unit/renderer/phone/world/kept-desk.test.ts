import { expect, test } from 'vitest';
import { methods } from '../../../../../src/protocol/methods.ts';
import { INITIAL_HOST_STATE, type HostState } from '../../../../../renderer/state/host-state.ts';
import { deskOf, isDeskNews } from '../../../../../renderer/phone/world/kept-desk.ts';
import { DEFAULT_POWER_POLICY, type PowerState } from '../../../../../src/protocol/power.ts';

const power: PowerState = {
  policy: DEFAULT_POWER_POLICY,
  holds: [
    {
      id: 'u_1',
      kind: 'user',
      reason: 'A download',
      since: '2026-11-21T11:00:00.000Z',
      ageSec: 60,
      until: null,
      lid: false,
    },
  ],
  heldBack: [],
  idle: { wanted: true, effective: true, reason: null },
  lid: { wanted: false, effective: null, reason: null, fix: null, setUp: null },
  battery: { percent: 64, onMains: true },
  heat: { celsius: 48, level: null },
  lidClosed: false,
  safeToCloseLid: false,
  reasons: [],
  sleepWhenDone: false,
  sleepsAt: null,
};
const STATE: HostState = { ...INITIAL_HOST_STATE, deskReady: true, power };

test('what is kept of the first screen is what the host would tell of it', () => {
  const desk = deskOf({ ...STATE, night: null });
  expect(methods['desk.follow'].result.parse(desk)).toEqual(desk);
  expect(desk).toEqual({ sessions: [], approvals: [], problems: [], night: null, power });
  expect(deskOf(INITIAL_HOST_STATE)).toEqual({ sessions: [], approvals: [], problems: [] });
});

test('an age that counts on and a degree more are not worth a write; all else is', () => {
  const [hold] = power.holds;
  if (hold === undefined) throw new Error('There is no hold.');
  const changed = (change: Partial<PowerState>) =>
    isDeskNews({ ...STATE, power: { ...power, ...change } }, STATE);
  expect({
    same: isDeskNews({ ...STATE, link: { kind: 'connecting', failures: 1 } }, STATE),
    age: changed({ holds: [{ ...hold, ageSec: 75 }] }),
    heat: changed({ heat: { celsius: 49, level: null } }),
    level: changed({ heat: { celsius: 49, level: 'serious' } }),
    battery: changed({ battery: { percent: 63, onMains: true } }),
    light: changed({ safeToCloseLid: true }),
    asleep: isDeskNews({ ...STATE, asleep: { at: hold.since, why: 'the lid' } }, STATE),
    first: isDeskNews(STATE, { ...STATE, power: null }),
  }).toEqual({
    same: false,
    age: false,
    heat: false,
    level: true,
    battery: true,
    light: true,
    asleep: true,
    first: true,
  });
});
