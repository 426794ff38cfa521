import { expect, test } from 'vitest';
import { policyForm, policyOf } from '../../../../../renderer/features/power/policy-model.ts';
import { DEFAULT_POWER_POLICY, powerPolicySchema } from '../../../../../src/protocol/power.ts';

const form = policyForm(DEFAULT_POWER_POLICY);

test('what was not changed is what it was', () => {
  const { keepAwake: _, ...limits } = DEFAULT_POWER_POLICY;
  expect(policyOf(form)).toEqual({ ok: true, policy: limits });
});

test('quiet hours and half hours are taken as they were typed', () => {
  const made = policyOf({ ...form, longestHours: '1,5', isQuiet: true, from: '23:30' });
  expect(made).toMatchObject({
    ok: true,
    policy: { longestHours: 1.5, quietHours: { from: '23:30', to: '07:00' } },
  });
});

test.each([
  [{ batteryFloor: '' }, 'Battery floor: a number from 0 to 95.'],
  [{ batteryFloor: '20 %' }, 'Battery floor: a number from 0 to 95.'],
  [{ batteryFloor: '19.5' }, 'Battery floor: a number from 0 to 95.'],
  [{ heatStop: '49' }, 'Heat stop: a number from 50 to 110.'],
  [{ heatStop: '1e2000' }, 'Heat stop: a number from 50 to 110.'],
  [{ longestHours: '-1' }, 'Longest hold: a number from 0 to 720.'],
  [{ waitingMinutes: '99999' }, 'Patience: a number from 0 to 44640.'],
  [{ isQuiet: true, from: '' }, 'Quiet hours need two times that differ.'],
  [{ isQuiet: true, from: '07:00' }, 'Quiet hours need two times that differ.'],
])('%j is said to be wrong', (change, problem) => {
  expect(policyOf({ ...form, ...change })).toMatchObject({ ok: false, problem });
});

test('whatever is said to be right, the host takes', () => {
  for (const batteryFloor of ['0', '95', ' 20 '])
    for (const heatStop of ['50', '110'])
      for (const longestHours of ['0', '720', '0.25'])
        for (const waitingMinutes of ['0', '44640']) {
          const made = policyOf({ ...form, batteryFloor, heatStop, longestHours, waitingMinutes });
          expect(made.ok && powerPolicySchema.partial().safeParse(made.policy).success).toBe(true);
        }
});
