import { DEFAULT_POWER_POLICY, powerPolicySchema, type PowerPolicy } from '../../protocol/power.ts';
import { wrongUsage } from '../failure.ts';
import { oneLine } from '../output/text.ts';

/** One key of the policy, as it is typed and as it is shown. */
interface Setting<K extends keyof PowerPolicy> {
  /** For a refusal: "a percentage from 0 to 95". */
  readonly takes: string;
  /** Null: that is none. The schema has the last word about its size. */
  readonly read: (typed: string) => PowerPolicy[K] | null;
  readonly show: (value: PowerPolicy[K]) => string;
  readonly means: string;
}

const YES = /^(?:on|yes|true)$/u;
const NO = /^(?:off|no|false)$/u;
const NONE = /^(?:0|off|no|none|never)$/u;

const SETTINGS: { readonly [K in keyof PowerPolicy]: Setting<K> } = {
  keepAwake: {
    takes: 'off, idle (against idle sleep) or lid (with the lid closed too)',
    read: (typed) => powerPolicySchema.shape.keepAwake.safeParse(typed).data ?? null,
    show: (value) => value,
    means: 'what work holds off: nothing (off), idle sleep (idle), the lid too (lid)',
  },
  mainsOnly: {
    takes: 'on or off',
    read: (typed) => (YES.test(typed) ? true : NO.test(typed) ? false : null),
    show: (value) => (value ? 'on' : 'off'),
    means: 'nothing is held on battery',
  },
  batteryFloor: {
    takes: 'percent from 0 (no floor) to 95, as in 30',
    read: (typed) => (NONE.test(typed) ? 0 : numberOf(typed, /^(\d{1,3})(?:%)?$/u)),
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
    read: (typed) => (NONE.test(typed) ? 0 : hoursOf(typed)),
    show: (value) => (value === 0 ? 'never' : `${Number(value.toFixed(2))}h`),
    means: 'a hold counts no longer after it',
  },
  waitingMinutes: {
    takes: 'a time up to 31 days, as in 60m, or 0 for ever',
    read: (typed) => (NONE.test(typed) ? 0 : minutesOf(typed, 1)),
    show: (value) => (value === 0 ? 'for ever' : `${value}m`),
    means: 'how long a session that waits for you holds',
  },
  quietHours: {
    takes: 'two times of day, as in 23:00-06:30, or none',
    read: quietHoursOf,
    show: (value) => (value === null ? 'none' : `${value.from}-${value.to}`),
    means: 'nothing is held between them',
  },
};

const KEYS = Object.keys(SETTINGS) as (keyof PowerPolicy)[];

/** `key=value` words, as typed after `power policy`. Each key once; `default` puts one back. */
export function policyOf(words: readonly string[]): Partial<PowerPolicy> {
  const policy: Partial<PowerPolicy> = {};
  for (const word of words) {
    const [, name = '', typed = ''] = /^([^=]*)=(.*)$/su.exec(word) ?? [];
    const key = KEYS.find((each) => each === name);
    if (key === undefined)
      throw wrongUsage(
        `${oneLine(word)} is no setting: write KEY=VALUE, with one of ${KEYS.join(', ')}.`,
      );
    if (key in policy) throw wrongUsage(`${key} is given twice.`);
    Object.assign(policy, { [key]: valueOf(key, typed.trim()) });
  }
  return policy;
}

function valueOf(key: keyof PowerPolicy, typed: string): PowerPolicy[keyof PowerPolicy] {
  if (typed === 'default') return DEFAULT_POWER_POLICY[key];
  const { read, takes } = SETTINGS[key];
  const found = read(typed);
  if (found === null && key === 'quietHours' && NONE.test(typed)) return null;
  const checked = powerPolicySchema.shape[key].safeParse(found);
  if (found === null || !checked.success)
    throw wrongUsage(`${key} takes ${takes}, not ${oneLine(typed) || 'nothing'}.`);
  return checked.data;
}

/** Rows for people: key, value as it can be typed, meaning. */
export function policyRows(policy: PowerPolicy): readonly (readonly [string, string, string])[] {
  return KEYS.map((key) => rowOf(key, policy));
}

function rowOf<K extends keyof PowerPolicy>(
  key: K,
  policy: PowerPolicy,
): readonly [string, string, string] {
  const setting: Setting<K> = SETTINGS[key];
  return [key, setting.show(policy[key]), setting.means];
}

function numberOf(typed: string, form: RegExp): number | null {
  const digits = form.exec(typed)?.[1];
  return digits === undefined ? null : Number(digits);
}

const UNITS_MINUTES: Readonly<Record<string, number>> = { m: 1, h: 60, d: 1_440 };

/** `90m`, `8h`, `2d` or `1h30m`; a bare number counts units of `bareMinutes`. */
function minutesOf(typed: string, bareMinutes: number): number | null {
  if (/^\d{1,5}(?:\.\d{1,3})?$/u.test(typed)) return Number(typed) * bareMinutes;
  const parts = [...typed.matchAll(/(\d{1,5})([mhd])/gu)];
  if (parts.length === 0 || parts.map(([all]) => all).join('') !== typed) return null;
  return parts.reduce((sum, [, n, unit]) => sum + Number(n) * (UNITS_MINUTES[unit ?? ''] ?? 0), 0);
}

function hoursOf(typed: string): number | null {
  const minutes = minutesOf(typed, 60);
  return minutes === null ? null : minutes / 60;
}

function quietHoursOf(typed: string): PowerPolicy['quietHours'] {
  const found = /^(\d{1,2}:\d\d)\s*[-–]\s*(\d{1,2}:\d\d)$/u.exec(typed);
  if (found === null) return null;
  const [from = '', to = ''] = found.slice(1).map((time) => time.padStart(5, '0'));
  return { from, to };
}
