import { wrongUsage } from './failure.ts';
import { oneLine } from './output/text.ts';

/** One key of a policy, as it is typed and as it is shown. */
export interface Setting<V> {
  /** For a refusal: "a percentage from 0 to 95". */
  readonly takes: string;
  /** Undefined: that is none. The schema has the last word about its size. */
  readonly read: (typed: string) => V | undefined;
  readonly show: (value: V) => string;
  readonly means: string;
}

/** A policy that is typed as KEY=VALUE words. */
export interface PolicyWords<P> {
  readonly settings: { readonly [K in keyof P]: Setting<P[K]> };
  readonly defaults: P;
  readonly shape: { readonly [K in keyof P]: { safeParse(value: unknown): { success: boolean } } };
}

/** `key=value` words. Each key once; `default` puts one back. */
export function changesOf<P extends object>(
  policy: PolicyWords<P>,
  words: readonly string[],
): Partial<P> {
  const keys = keysOf(policy);
  const changes: Partial<P> = {};
  for (const word of words) {
    const [, name = '', typed = ''] = /^([^=]*)=(.*)$/su.exec(word) ?? [];
    const key = keys.find((each) => each === name);
    if (key === undefined)
      throw wrongUsage(
        `${oneLine(word)} is no setting: write KEY=VALUE, with one of ${keys.join(', ')}.`,
      );
    if (Object.hasOwn(changes, key)) throw wrongUsage(`${key} is given twice.`);
    changes[key] = valueOf(policy, key, typed.trim());
  }
  return changes;
}

function valueOf<P extends object, K extends keyof P & string>(
  { settings, defaults, shape }: PolicyWords<P>,
  key: K,
  typed: string,
): P[K] {
  if (typed === 'default') return defaults[key];
  const { read, takes } = settings[key];
  const found = read(typed);
  if (found === undefined || !shape[key].safeParse(found).success)
    throw wrongUsage(`${key} takes ${takes}, not ${oneLine(typed) || 'nothing'}.`);
  return found;
}

/** Rows for people: key, value as it can be typed, meaning. */
export function policyRows<P extends object>(
  words: PolicyWords<P>,
  policy: P,
): (readonly [string, string, string])[] {
  const row = <K extends keyof P & string>(key: K): readonly [string, string, string] => {
    const { show, means } = words.settings[key];
    return [key, show(policy[key]), means];
  };
  return keysOf(words).map((key) => row(key));
}

function keysOf<P extends object>({ settings }: PolicyWords<P>): (keyof P & string)[] {
  // They are those of the type above.
  return Object.keys(settings) as (keyof P & string)[];
}

const YES = /^(?:on|yes|true)$/u;
const NO = /^(?:off|no|false)$/u;
const NONE = /^(?:0|off|no|none|never)$/u;

export function isNone(typed: string): boolean {
  return NONE.test(typed);
}

export function switchOf(typed: string): boolean | undefined {
  return YES.test(typed) ? true : NO.test(typed) ? false : undefined;
}

export function numberOf(typed: string, form: RegExp): number | undefined {
  const digits = form.exec(typed)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

const UNITS_MINUTES: Readonly<Record<string, number>> = { m: 1, h: 60, d: 1_440 };

/** `90m`, `8h`, `2d` or `1h30m`; a bare number counts units of `bareMinutes`. */
export function minutesOf(typed: string, bareMinutes: number): number | undefined {
  if (/^\d{1,5}(?:\.\d{1,3})?$/u.test(typed)) return Number(typed) * bareMinutes;
  const parts = [...typed.matchAll(/(\d{1,5})([mhd])/gu)];
  if (parts.length === 0 || parts.map(([all]) => all).join('') !== typed) return undefined;
  return parts.reduce((sum, [, n, unit]) => sum + Number(n) * (UNITS_MINUTES[unit ?? ''] ?? 0), 0);
}

/** `30`, `30s`, or as {@link minutesOf}. */
export function secondsOf(typed: string): number | undefined {
  const bare = numberOf(typed, /^(\d{1,6})s?$/u);
  if (bare !== undefined) return bare;
  const minutes = minutesOf(typed, 1);
  return minutes === undefined ? undefined : minutes * 60;
}

/** `30s`, `5m`, `2h`: as it can be typed. */
export function secondsText(seconds: number): string {
  if (seconds % 3_600 === 0 && seconds > 0) return `${seconds / 3_600}h`;
  return seconds % 60 === 0 && seconds > 0 ? `${seconds / 60}m` : `${seconds}s`;
}

type QuietHours = { readonly from: string; readonly to: string } | null;

/** `23:00-06:30`, or none. */
export const quietHours: Pick<Setting<{ from: string; to: string } | null>, 'takes' | 'read'> & {
  show(value: QuietHours): string;
} = {
  takes: 'two times of day, as in 23:00-06:30, or none',
  read: (typed) => {
    if (isNone(typed)) return null;
    const found = /^(\d{1,2}:\d\d)\s*[-–]\s*(\d{1,2}:\d\d)$/u.exec(typed);
    if (found === null) return undefined;
    const [from = '', to = ''] = found.slice(1).map((time) => time.padStart(5, '0'));
    return { from, to };
  },
  show: (value) => (value === null ? 'none' : `${value.from}-${value.to}`),
};
