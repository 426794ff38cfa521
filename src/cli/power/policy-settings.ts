import { DEFAULT_POWER_POLICY, powerPolicySchema, type PowerPolicy } from '../../protocol/power.ts';
import {
  changesOf,
  isNone,
  minutesOf,
  numberOf,
  policyRows,
  quietHours,
  switchOf,
  type PolicyWords,
} from '../settings.ts';

const WORDS: PolicyWords<PowerPolicy> = {
  defaults: DEFAULT_POWER_POLICY,
  shape: powerPolicySchema.shape,
  settings: {
    keepAwake: {
      takes: 'off, idle (against idle sleep) or lid (with the lid closed too)',
      read: (typed) => powerPolicySchema.shape.keepAwake.safeParse(typed).data,
      show: (value) => value,
      means: 'what work holds off: nothing (off), idle sleep (idle), the lid too (lid)',
    },
    mainsOnly: {
      takes: 'on or off',
      read: switchOf,
      show: (value) => (value ? 'on' : 'off'),
      means: 'nothing is held on battery',
    },
    batteryFloor: {
      takes: 'percent from 0 (no floor) to 95, as in 30',
      read: (typed) => (isNone(typed) ? 0 : numberOf(typed, /^(\d{1,3})(?:%)?$/u)),
      show: (value) => (value === 0 ? 'none' : `${value}%`),
      means: 'at or below it nothing is held on battery',
    },
    heatStop: {
      takes: 'degrees Celsius from 50 to 110, as in 90',
      read: (typed) => numberOf(typed, /^(\d{1,3})(?:°?C)?$/u),
      show: (value) => `${value}C`,
      means: 'at or above it nothing is held',
    },
    longestHours: {
      takes: 'a time up to 30 days, as in 24h, or 0 for no end',
      read: (typed) => (isNone(typed) ? 0 : hoursOf(typed)),
      show: (value) => (value === 0 ? 'never' : `${Number(value.toFixed(2))}h`),
      means: 'a hold counts no longer after it',
    },
    waitingMinutes: {
      takes: 'a time up to 31 days, as in 60m, or 0 for ever',
      read: (typed) => (isNone(typed) ? 0 : minutesOf(typed, 1)),
      show: (value) => (value === 0 ? 'for ever' : `${value}m`),
      means: 'how long a session that waits for you holds',
    },
    quietHours: { ...quietHours, means: 'nothing is held between them' },
  },
};

/** `key=value` words, as typed after `power policy`. */
export function powerChangesOf(words: readonly string[]): Partial<PowerPolicy> {
  return changesOf(WORDS, words);
}

/** Rows for people: key, value as it can be typed, meaning. */
export function powerPolicyRows(policy: PowerPolicy): (readonly [string, string, string])[] {
  return policyRows(WORDS, policy);
}

function hoursOf(typed: string): number | undefined {
  const minutes = minutesOf(typed, 60);
  return minutes === undefined ? undefined : minutes / 60;
}
