import { wrongUsage } from './failure.ts';

const UNITS_MS: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `90m`, `8h`, `2d`, `1h30m`, in ms. */
export function spanMs(given: string): number {
  const parts = [...given.matchAll(/(\d{1,5})([mhd])/gu)];
  const isWhole = parts.map(([all]) => all).join('') === given && parts.length > 0;
  const ms = parts.reduce((sum, [, n, unit]) => sum + Number(n) * (UNITS_MS[unit ?? ''] ?? 0), 0);
  if (isWhole && ms > 0) return ms;
  throw wrongUsage(`${given} is no time: write 90m, 8h, 2d or 1h30m.`);
}

/** `07:00`: the next time a clock here shows that; or a whole date and time. In ms since 1970. */
export function momentMs(given: string, nowMs: number): number {
  const clock = /^([01]?\d|2[0-3]):([0-5]\d)$/u.exec(given);
  if (clock !== null) {
    const at = new Date(nowMs);
    at.setHours(Number(clock[1]), Number(clock[2]), 0, 0);
    // By the calendar: a night in which the clock is put forward has 23 hours.
    if (at.getTime() <= nowMs) at.setDate(at.getDate() + 1);
    return at.getTime();
  }
  const ms = /^\d{4}-\d\d-\d\dT/u.test(given) ? Date.parse(given) : Number.NaN;
  if (!Number.isNaN(ms)) return ms;
  throw wrongUsage(`${given} is no time of day: write 07:00, or 2026-11-22T07:00.`);
}
