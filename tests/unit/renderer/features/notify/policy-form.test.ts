import { describe, expect, test } from 'vitest';
import {
  policyForm,
  policyOf,
  type PolicyForm,
} from '../../../../../renderer/features/notify/policy-form.ts';
import {
  DEFAULT_NOTIFY_POLICY,
  notifyPolicySchema,
  type NotifyPolicy,
} from '../../../../../src/protocol/attention.ts';

const made = (change: Partial<PolicyForm>, policy: NotifyPolicy = DEFAULT_NOTIFY_POLICY) =>
  policyOf({ ...policyForm(policy), ...change });

describe('the form of when a person is told', () => {
  test('untouched, it makes the policy that it shows, but for the kinds', () => {
    const { kinds: _, ...rest } = DEFAULT_NOTIFY_POLICY;
    expect(made({})).toEqual({ ok: true, policy: rest });
  });

  test('quiet hours that were taken away keep their times for the next time', () => {
    const quietHours = { from: '23:15', to: '06:00' };
    const policy = { ...DEFAULT_NOTIFY_POLICY, quietHours, quietExcept: ['machine' as const] };
    const without = made({ isQuiet: false }, policy);
    expect([without.ok && without.policy.quietHours, policyForm(policy)]).toMatchObject([
      null,
      { isQuiet: true, ...quietHours, except: ['machine'] },
    ]);
  });

  test.each<[Partial<PolicyForm>, string]>([
    [{ seenSec: '' }, 'To the next place after: a whole number from 5 to 3600.'],
    [{ seenSec: '4' }, 'To the next place after: a whole number from 5 to 3600.'],
    [{ repeatSec: '1e3' }, 'Repeated every: a whole number from 30 to 86400.'],
    [{ repeats: '-1' }, 'Repetitions: a whole number from 0 to 20.'],
    [{ digestFrom: '2.5' }, 'As one digest from: a whole number from 2 to 100.'],
    [{ silenceMinutes: 'never' }, 'Silence told after: a whole number from 0 to 1440.'],
    [{ isQuiet: true, from: '7:00' }, 'Quiet hours: two different times, as 22:30.'],
    [{ isQuiet: true, from: '07:00', to: '07:00' }, 'Quiet hours: two different times, as 22:30.'],
  ])('refuses %o in words', (change, problem) => {
    expect(made(change)).toMatchObject({ ok: false, problem });
  });

  test('whatever it lets through, the host takes', () => {
    for (const [field, least, most] of [
      ['seenSec', 5, 3_600],
      ['repeatSec', 30, 86_400],
      ['repeats', 0, 20],
      ['digestFrom', 2, 100],
      ['digestSec', 1, 600],
      ['silenceMinutes', 0, 1_440],
    ] as const)
      for (const value of [least, most]) {
        const one = made({ [field]: ` ${value} `, isQuiet: true });
        if (!one.ok) throw new Error(one.problem);
        expect(notifyPolicySchema.partial().parse(one.policy)[field]).toBe(value);
      }
  });
});
